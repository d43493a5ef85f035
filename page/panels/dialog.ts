import { dollarsText } from '../../core/money/dollars.ts';
import { phasesText } from '../../core/money/trial-phases.ts';
import type { SecondsByPhase } from '../../core/trial/phases.ts';
import { command, h } from '../dom.ts';
import { duration, plain, shorten } from '../format.ts';
import { terms } from '../panel.ts';
import type { Trial } from '../sweep.ts';
import type { View } from '../view.ts';
import { copies } from './copies.ts';
import { learningCurve } from './curve.ts';
import { outcomeOf } from './table.ts';
import { parameters } from './winner.ts';

/** One trial, opened from the table or a chart. */
export function dialog(view: View): HTMLElement {
  const element = h('dialog', { 'aria-labelledby': 'opened', close: () => view.open(null) });
  element.addEventListener('click', (event) => {
    if (event.target === element) element.close();
  });
  view.listen((change) => {
    if (change !== 'open' || view.opened === null) return;
    element.replaceChildren(...contentOf(view, view.opened, () => element.close()));
    if (!element.open) element.showModal();
  });
  return element;
}

function contentOf(view: View, trial: Trial, close: () => void): Node[] {
  const { sweepId } = view.sweep.data;
  const curve = learningCurve(view, trial);
  return [
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id: 'opened' }, `Trial ${trial.number}`),
      h('button', { type: 'button', click: close }, 'Close'),
    ),
    terms(detailsOf(view, trial), 'figures'),
    h('h3', {}, 'Parameters'),
    parameters(view.sweep, trial),
    copies(view.sweep, trial),
    ...(trial.reason === null ? [] : [h('h3', {}, 'Why it failed'), h('p', {}, h('bdi', {}, trial.reason))]),
    ...(trial.notes.length === 0
      ? []
      : [
          h('h3', {}, 'What was not stored as written'),
          h('ul', { class: 'notes' }, ...trial.notes.map((note) => h('li', {}, h('bdi', {}, note)))),
        ]),
    ...(curve === null ? [] : [h('h3', {}, 'Learning curve'), curve]),
    h('h3', {}, 'Train it again'),
    command(`sweep reproduce ${sweepId} ${trial.number}`, 'Copy the command'),
    h('h3', {}, 'What it printed'),
    command(`sweep logs ${sweepId} ${trial.number}`),
  ];
}

/** Of all attempts together. */
function phaseFigures(phases: SecondsByPhase): [string, string][] {
  const { interrupted } = phases;
  const spent = phasesText(phases, duration);
  return [
    ...(spent === null ? [] : [['Time spent', spent] as [string, string]]),
    ...(interrupted > 0 ? [['In interrupted attempts', duration(interrupted)] as [string, string]] : []),
  ];
}

function detailsOf({ sweep }: View, trial: Trial): [string, Node | string][] {
  const { searchValue, value, confirmed, epoch, epochs, seconds, dollars, phases, usage, rank, id } = trial;
  return [
    ...(rank === null ? [] : [['Rank', String(rank)] as [string, string]]),
    ...(value === null
      ? []
      : [
          [
            shorten(sweep.metric, 40),
            confirmed === null
              ? sweep.valueText(value)
              : `${sweep.valueText(confirmed.mean)} \u00b1 ${Number(confirmed.spread.toPrecision(2))}`,
          ] as [string, string],
        ]),
    ...Object.entries(sweep.data.trials.others ?? {}).flatMap(([metric, values]): [string, string][] => {
      const other = values[trial.index];
      return other == null ? [] : [[shorten(metric, 40), plain(other)]];
    }),
    ...(confirmed === null || searchValue === null
      ? []
      : [['Own run', sweep.valueText(searchValue)] as [string, string]]),
    ...(epoch === null ? [] : [['At epoch', plain(epoch)] as [string, string]]),
    ['Trained to', `${epochs} epochs`],
    ...(seconds === null ? [] : [['Took', duration(seconds)] as [string, string]]),
    ...(phases === null ? [] : phaseFigures(phases)),
    ...(dollars === null ? [] : [['Cost', dollarsText(dollars)] as [string, string]]),
    ...(usage === null ? [] : [['Machine', usage] as [string, string]]),
    ['Outcome', outcomeOf(trial)],
    ['Id', h('code', {}, id)],
  ];
}
