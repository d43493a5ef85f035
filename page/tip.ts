import { h } from './dom.ts';
import { duration, plain, shorten } from './format.ts';
import { type Sweep, type Trial, valueText } from './sweep.ts';

/** The one tooltip. What it tells stands in the table too, which a keyboard reaches. */
const tip = h('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' });

const MAX_PARAMETERS = 12;

export function showTip(sweep: Sweep, trial: Trial, event: PointerEvent, note: string | null): void {
  tip.replaceChildren(
    h('strong', {}, `Trial ${trial.number}`),
    trial.rank === null ? '' : h('span', { class: 'soft' }, ` rank ${trial.rank}`),
    h('div', {}, ...outcome(sweep, trial)),
    note === null ? '' : h('div', { class: 'soft' }, shorten(note, 200)),
    h('table', {}, ...rows(sweep, trial)),
  );
  place(event);
}

function outcome({ metric, valueText: text }: Sweep, trial: Trial): (Node | string)[] {
  if (trial.value === null) return [h('span', { class: 'bad' }, trial.failure ?? 'failed')];
  const at = trial.epoch === null ? '' : ` at epoch ${plain(trial.epoch)}`;
  const took = trial.seconds === null ? '' : `, ${duration(trial.seconds)}`;
  const mean = trial.confirmed === null || trial.value === trial.searchValue ? '' : ' (mean of new seeds)';
  return [`${shorten(metric, 30)} `, h('b', {}, text(trial.value)), mean === '' ? at : mean, took];
}

function rows({ data }: Sweep, trial: Trial): Node[] {
  const all = data.parameters.flatMap((parameter) => {
    const { name } = parameter;
    const text = valueText(parameter, trial);
    if (text === null) return [];
    return [h('tr', {}, h('td', {}, shorten(name, 30)), h('td', {}, h('bdi', {}, shorten(text, 40))))];
  });
  return all.slice(0, MAX_PARAMETERS);
}

function place(event: PointerEvent): void {
  if (tip.parentElement === null) document.body.append(tip);
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const room = 14;
  const left = event.clientX + room + width > innerWidth ? event.clientX - room - width : event.clientX + room;
  const top = event.clientY + room + height > innerHeight ? event.clientY - room - height : event.clientY + room;
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}

export function hideTip(): void {
  tip.hidden = true;
}
