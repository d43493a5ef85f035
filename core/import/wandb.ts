import { wandbSummaryPattern } from '../spec/pattern-text.ts';
import { specName } from './common.ts';
import { Draft } from './draft.ts';
import type { Entry } from './foreign.ts';
import { settleHalving, settleTarget, settleTrials } from './search.ts';
import { wandbCommand } from './wandb-command.ts';
import { wandbParameters } from './wandb-parameters.ts';

/**
 * A sweep of Weights & Biases. Keys, defaults and distributions: https://docs.wandb.ai/models/sweeps/sweep-config-keys, and
 * what samples them, https://github.com/wandb/sweeps: src/sweeps/config/schema.json, src/sweeps/params.py.
 */
export function fromWandb(root: Entry): Draft {
  const draft = new Draft();
  const fields = root.map();
  const name = fields.take('name');
  if (name !== undefined) draft.set(['name'], specName(name.string()), name);
  method(draft, fields.need('method'));
  const parameters = wandbParameters(draft, fields.need('parameters').map());
  settleTrials(
    draft,
    parameters.flatMap(({ placeholder, values }) => (values === null ? [] : [placeholder])),
    { trials: fields.take('run_cap'), otherwise: 'W&B would run until stopped' },
  );
  const stopping = fields.take('early_terminate');
  if (stopping !== undefined) earlyTerminate(draft, stopping);
  metric(draft, fields.take('metric'));
  wandbCommand(draft, fields.take('program'), fields.take('command'), parameters);
  for (const [key, variable] of [
    ['project', 'WANDB_PROJECT'],
    ['entity', 'WANDB_ENTITY'],
  ] as const) {
    const value = fields.take(key);
    if (value !== undefined) draft.set(['training', 'environment', variable], value.string(), value);
  }
  const description = fields.take('description');
  if (description !== undefined)
    draft.drop([], [description], `${JSON.stringify(description.string())}; kept as this comment`);
  // These say what the file is.
  fields.take('apiVersion');
  fields.take('kind');
  return draft;
}

const STRATEGIES: Readonly<Record<string, string>> = { grid: 'grid', random: 'random', bayes: 'bayesian' };

function method(draft: Draft, entry: Entry): void {
  const strategy = STRATEGIES[entry.string()];
  if (strategy === undefined)
    throw entry.refusal('grid, random or bayes; custom schedulers (Optuna, Ax) cannot be imported');
  draft.set(['search', 'strategy'], strategy, entry);
}

function metric(draft: Draft, entry: Entry | undefined): void {
  if (entry === undefined) {
    draft.remark(['objective'], null, 'metric', 'the file names none; set the metric that ranks trials');
    draft.set(['objective', 'metric'], 'val_loss', null, 'a guess; set it');
    draft.set(['objective', 'goal'], 'minimize', null, 'a guess; set it');
    draft.set(['objective', 'pattern'], wandbSummaryPattern('val_loss'), null);
    return;
  }
  const fields = entry.map();
  const name = fields.need('name');
  const goal = fields.take('goal');
  const target = fields.take('target');
  if (goal !== undefined && !['minimize', 'maximize'].includes(goal.string()))
    throw goal.refusal('minimize or maximize');
  draft.set(['objective', 'metric'], name.string(), name);
  draft.set(
    ['objective', 'goal'],
    goal?.string() ?? 'minimize',
    goal ?? null,
    goal === undefined ? "W&B's default" : null,
  );
  draft.set(
    ['objective', 'pattern'],
    wandbSummaryPattern(name.string()),
    null,
    "W&B's summary at the end of its output",
  );
  if (target !== undefined) settleTarget(draft, target);
  draft.drop(['objective'], fields.rest());
}

/** https://docs.wandb.ai/models/sweeps/sweep-config-keys#early_terminate; the bands: src/sweeps/hyperband_stopping.py. */
function earlyTerminate(draft: Draft, entry: Entry): void {
  const fields = entry.map();
  const type = fields.need('type');
  if (type.string() !== 'hyperband') throw type.refusal('hyperband');
  const [maxIter, minIter, steps, eta] = ['max_iter', 'min_iter', 's', 'eta'].map((key) => fields.take(key));
  const reduction = eta?.number() ?? 3;
  if (reduction <= 1) throw eta!.refusal('a number above 1');
  if (maxIter !== undefined) {
    const epochs = maxIter.whole();
    const rungs = steps?.number() ?? 1;
    // The bands lie at max_iter / eta, max_iter / eta^2, ..., s of them, none below 1.
    const first = Math.max(1, Math.floor(epochs / reduction ** rungs));
    if (!settleHalving(draft, { from: entry, reduction, minEpochs: first, epochs })) return;
    if (minIter !== undefined) draft.drop(['search', 'halving'], [minIter], 'is ignored when max_iter is set');
  } else {
    if (minIter === undefined) throw entry.refusal('max_iter and s, or min_iter');
    if (!settleHalving(draft, { from: entry, reduction, minEpochs: minIter.whole(), epochs: null })) return;
    if (steps !== undefined) draft.drop(['search', 'halving'], [steps], 'is used only with max_iter');
  }
  draft.remark(
    ['search', 'halving'],
    entry,
    entry.text,
    'counts logged metric values in W&B, but epochs here; trials pause at a rung and continue from their checkpoint',
  );
  draft.drop(['search', 'halving'], fields.rest(), 'has no counterpart: the best 1 / reduction of each rung continue');
}
