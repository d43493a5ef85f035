import { dollarsText } from '../../core/money/dollars.ts';
import { h, set } from '../dom.ts';
import { duration, plain, shorten } from '../format.ts';
import { panel } from '../panel.ts';
import { type Trial, valueText } from '../sweep.ts';
import type { View } from '../view.ts';
import { outcomeOf } from './table.ts';

/** Wider, and nobody compares any more. */
const MAX_BESIDE = 6;

/** The trials that were ticked in the table, a column each, what differs between them first. */
export function beside(view: View): HTMLElement {
  const body = h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Trials side by side' });
  const clear = h('button', { type: 'button', click: () => view.pickNone() }, 'Clear');
  const element = panel('beside', 'Side by side', null, body, clear);
  const show = () => {
    const trials = [...view.picked].slice(0, MAX_BESIDE);
    set(element, { hidden: trials.length < 2 });
    body.replaceChildren(...(trials.length < 2 ? [] : [tableOf(view, trials)]));
  };
  view.listen((change) => {
    if (change === 'picked') show();
  });
  show();
  return element;
}

function tableOf({ sweep }: View, trials: readonly Trial[]): HTMLElement {
  const row = (name: string, textOf: (trial: Trial) => string) => ({ name, cells: trials.map(textOf) });
  const number = (value: number | null) => (value === null ? '' : plain(value));
  const facts = [
    row('Rank', ({ rank }) => number(rank)),
    row(shorten(sweep.metric, 40), ({ value }) => (value === null ? '' : sweep.valueText(value))),
    ...(trials.some(({ confirmed }) => confirmed !== null)
      ? [row('\u00b1', ({ confirmed }) => (confirmed === null ? '' : plain(Number(confirmed.spread.toPrecision(2)))))]
      : []),
    row('At epoch', ({ epoch, epochs }) => (epoch === null ? '' : `${plain(epoch)} of ${epochs}`)),
    row('Time', ({ seconds }) => (seconds === null ? '' : duration(seconds))),
    ...(sweep.data.trials.dollars === undefined
      ? []
      : [row('Cost', ({ dollars }) => (dollars === null ? '' : dollarsText(dollars)))]),
    row('Outcome', outcomeOf),
  ];
  const parameters = sweep.data.parameters.map((parameter) =>
    row(parameter.name, (trial) => shorten(valueText(parameter, trial) ?? '', 80)),
  );
  const differs = ({ cells }: { readonly cells: readonly string[] }) => new Set(cells).size > 1;
  const rows = [...facts, ...parameters.filter(differs), ...parameters.filter((one) => !differs(one))];
  return h(
    'table',
    { class: 'space side' },
    h('thead', {}, h('tr', {}, h('td'), ...trials.map((trial) => h('th', { scope: 'col' }, `Trial ${trial.number}`)))),
    h(
      'tbody',
      {},
      ...rows.map((one) =>
        h(
          'tr',
          { class: facts.includes(one) || differs(one) ? null : 'soft' },
          h('th', { scope: 'row' }, h('bdi', {}, shorten(one.name, 60))),
          ...one.cells.map((cell) => h('td', {}, h('bdi', {}, cell))),
        ),
      ),
    ),
  );
}
