import { expect, test } from 'vitest';
import { ownSearchNotes } from '../../../core/spec/own-search-notes.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const notes = (text: string, environment: object = {}) => {
  const spec = { search: { space: { lr: [1, 2] } }, training: { command: ['python', 't.py'], environment } };
  return ownSearchNotes('t.py', text, resolveSpec(spec).training);
};

test.each([
  ['Optuna', 'lr = trial.suggest_float("lr", 1e-5, 0.1, log=True)', /^t\.py asks Optuna .*suggest_float.*os\.environ/],
  ['W&B', 'import argparse\nwandb.agent(sweep_id, function=train)', /^t\.py starts its own search \(wandb\.agent\)/],
  ['Ray Tune', 'tune.run(train, config=config)', /^t\.py starts its own search \(Ray Tune\).*os\.environ/],
  ['Keras Tuner', 'tuner = kt.Hyperband(build)', /^t\.py starts its own search \(Keras Tuner\)/],
  ['hyperopt', 'best = fmin(fn=f, space=s, algo=tpe.suggest)', /^t\.py starts its own search \(hyperopt\)/],
  [
    'wandb.config',
    'wandb.init(config=defaults)\nlr = wandb.config.lr',
    /WANDB_SWEEP_PARAM_PATH: "\{args_wandb_file\}"/,
  ],
])('a program that has its values from %s is named, with the remedy', (_, text, note) => {
  expect(notes(text)).toEqual([expect.stringMatching(note)]);
});

test('one that has them from arguments, from the file, or does not search, is not', () => {
  expect(notes('import argparse\nwandb.init(config=args)\nprint(wandb.config)')).toEqual([]);
  expect(notes('lr = wandb.config.lr', { WANDB_SWEEP_PARAM_PATH: '{args_wandb_file}' })).toEqual([]);
  expect(notes('print(trial.suggestion)')).toEqual([]);
  expect(notes('x = scipy.optimize.fmin(f, x0)')).toEqual([]);
});
