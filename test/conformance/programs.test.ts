import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Place, trialsOf } from '../support/sweep-command.ts';

// Programs as other people write them, one for each form of arguments and each place where metrics are written, none of
// which knows of sweeps. They check what reaches them, types included, and fail otherwise; what they write, and only that,
// decides the best trial. Where a library does the parsing or the writing, a few lines stand for it.

const programs = join(import.meta.dirname, 'programs');

/** Trials, and the best one's parameters, value and epoch. */
const EXPECTED: Readonly<Record<string, readonly [number, Record<string, unknown>, number, number]>> = {
  argparse: [4, { 'batch-size': 32, 'use-ema': true }, 0.84, 2],
  click: [4, { width: 2, flip: true }, 0.625, 1],
  config: [2, { optimizer: 'sgd', momentum: 0.9 }, 2, 3],
  hydra: [3, { optimizer: 'sgd', 'optimizer.momentum': 0.9 }, 0.9, 1],
  keras: [2, { units: 16 }, 0.16, 0],
  lightning: [2, { 'model.learning_rate': 0.001 }, 0.001, 0],
  nanogpt: [4, { dropout: 1, bias: false }, 2.5e-5, 1],
  sagemaker: [2, { 'learning-rate': 1 }, 42, 2],
  shell: [2, { layers: [16, 32] }, 49, 2],
  trainer: [3, { learning_rate: 3e-5 }, 0.4, 2],
  ultralytics: [2, { lr0: 1 }, 0.49, 1],
  xgboost: [4, { max_depth: 6, eta: 0.3 }, 0.1, 2],
};

test('each program has an expected end', () => {
  expect(Object.keys(EXPECTED)).toEqual(readdirSync(programs).sort());
});

test.each(Object.entries(EXPECTED))('%s: swept as it is', async (name, [planned, parameters, value, epoch]) => {
  const place = new Place();
  onTestFinished(() => place.remove());
  cpSync(join(programs, name), place.project, { recursive: true });
  const summary = await place.run();
  expect(summary.trials, summary.error).toMatchObject({ planned, failed: 0 });
  expect(summary.best).toMatchObject({ parameters, value, epoch });
  expect(trialsOf(summary).every((trial) => trial.status === 'succeeded')).toBe(true);
});
