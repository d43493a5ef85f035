import { command, h } from '../dom.ts';
import { formatFor, plain, shorten } from '../format.ts';
import { panel, terms } from '../panel.ts';
import { type Sweep, type Trial, valueText } from '../sweep.ts';
import type { View } from '../view.ts';
import { copies } from './copies.ts';
import { learningCurve } from './curve.ts';

/** The best trial: what it is, what it reached, how to get its model and how to train it again. */
export function winner(view: View): HTMLElement | null {
  const { sweep } = view;
  const trial = sweep.winner;
  if (trial === null) return null;
  const { sweepId, spec } = sweep.data;
  const curve = learningCurve(view, trial);
  const title = trial.confirmed === null ? 'Its learning curve' : `Its learning curve with seed ${spec.training.seed}`;
  return panel(
    'winner',
    'Best trial',
    null,
    h(
      'div',
      { class: 'columns' },
      h(
        'div',
        {},
        h('p', { class: 'value' }, sweep.valueText(trial.value!), spreadOf(trial)),
        h(
          'p',
          { class: 'lead' },
          h('bdi', {}, sweep.metric),
          ` of trial ${trial.number} (${trial.id})`,
          atEpoch(trial),
        ),
        confirmation(sweep, trial),
        othersOf(sweep, trial),
        parameters(sweep, trial),
        copies(sweep, trial),
        h('h3', {}, 'Train it again'),
        command(`sweep reproduce ${sweepId} ${trial.number}`, 'Copy the command'),
      ),
      h(
        'div',
        {},
        curve === null ? null : h('figure', {}, h('figcaption', {}, title), curve),
        h('h3', {}, 'Its model'),
        ...modelOf(sweep),
      ),
    ),
  );
}

/** How to get its model, and to load it where the product's own trainer wrote it. */
function modelOf({ data: { best, sweepId, spec } }: Sweep): Node[] {
  if (best?.model == null) return [h('p', {}, best?.modelNote ?? 'It wrote no model to MODEL_DIR.')];
  return [
    command(`sweep model ${sweepId} --to model`),
    ...(best.modelNote === undefined ? [] : [h('p', {}, best.modelNote)]),
    ...(spec.training.command === undefined
      ? [h('p', { class: 'lead' }, 'then, in Python beside docker/trainer/predict.py:'), command(LOAD)]
      : [h('p', { class: 'lead' }, 'copies what the program wrote to MODEL_DIR.')]),
  ];
}

const LOAD = 'from predict import load; load("model").predict("image.png")';

const spreadOf = ({ confirmed, value, searchValue }: Trial): Node | null =>
  confirmed === null || value === searchValue
    ? null
    : h('span', { class: 'spread' }, ` \u00b1 ${Number(confirmed.spread.toPrecision(2))}`);

function atEpoch({ confirmed, epoch, epochs }: Trial): string {
  if (confirmed !== null) return `, mean and standard deviation over ${confirmed.seeds.length} new seeds`;
  return epoch === null ? '' : `, at epoch ${plain(epoch)} of ${epochs}`;
}

/** Its own run and its new seeds, apart. */
function confirmation({ data }: Sweep, { confirmed, searchValue, epoch, epochs }: Trial): HTMLElement | null {
  if (confirmed === null) return null;
  const format = formatFor([searchValue, ...confirmed.seeds.map(({ value }) => value)]);
  return h(
    'ul',
    { class: 'seeds' },
    h(
      'li',
      {},
      `seed ${data.spec.training.seed} `,
      h('b', {}, format(searchValue!)),
      h('span', { class: 'soft' }, ` the search's own run, at epoch ${epoch ?? '?'} of ${epochs}`),
    ),
    ...confirmed.seeds.map(({ seed, value }) => h('li', {}, `seed ${seed} `, h('b', {}, format(value)))),
  );
}

/** What it reached by the other objectives. */
function othersOf({ data: { trials } }: Sweep, { index }: Trial): HTMLElement | null {
  const values = Object.entries(trials.others ?? {}).flatMap(([metric, column]): [string, string][] => {
    const value = column[index];
    return value == null ? [] : [[metric, plain(value)]];
  });
  return values.length === 0 ? null : terms(values, 'figures');
}

export function parameters({ data }: Sweep, trial: Trial): HTMLElement {
  return terms(
    data.parameters.flatMap((parameter): [string, Node][] => {
      const { name } = parameter;
      const text = valueText(parameter, trial);
      if (text === null) return [];
      return [[name, h('bdi', { title: text.length > 200 ? null : text }, shorten(text, 200))]];
    }),
    'parameters',
  );
}
