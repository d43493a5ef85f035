import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { type ComparedSweep, type ComparisonColumn, compareSweeps } from '../../../core/sweep/compare.ts';
import { trialsText } from '../../../core/sweep/counts-text.ts';
import type { RankedTrial } from '../../../core/sweep/leaderboard.ts';

/** A sweep of these values in the order of proposal; null failed. */
function sweep(sweepId: string, values: readonly (number | null)[], more: object = {}): ComparedSweep {
  const spec = resolveSpec({
    search: { strategy: 'random', trials: values.length, space: { x: { min: 0, max: 1 } } },
    ...more,
  });
  const direction = spec.objective.goal === 'maximize' ? -1 : 1;
  const rows = values.map(
    (value, number): Omit<RankedTrial, 'rank'> => ({
      trial: number,
      id: `${sweepId}${number}`,
      parameters: { x: number / 10 },
      value,
      epoch: value === null ? null : 1,
      epochs: 10,
      status: value === null ? 'failed' : 'succeeded',
    }),
  );
  const worst = Number.POSITIVE_INFINITY;
  rows.sort(
    (a, b) => (a.value === null ? worst : direction * a.value) - (b.value === null ? worst : direction * b.value),
  );
  const trials = rows.map((row, index) => ({ rank: row.value === null ? null : index + 1, ...row }));
  const failed = values.filter((value) => value === null).length;
  const { metric, goal } = spec.objective;
  return {
    sweepId,
    spec,
    leaderboard: {
      sweepId,
      objective: { metric, goal },
      counts: { planned: values.length, succeeded: values.length - failed, failed },
      trials,
    },
    notRun: 0,
    seconds: 60,
    // A trial a minute, one after the other.
    times: values.map((_, number) => ({
      trial: number,
      startedAt: new Date(number * 60_000).toISOString(),
      seconds: 60,
    })),
  };
}

test('a comparison tells what was not run from what failed', () => {
  const doomed = { ...sweep('a', [0.1, null, null]), notRun: 1 };
  const [{ trials }] = compareSweeps([doomed, sweep('b', [0.2, 0.3])]).sweeps as [ComparisonColumn, ...unknown[]];
  expect(trialsText(trials)).toBe('3, 1 failed, 1 not run');
});

describe('a comparison', () => {
  const { target, sweeps, changed } = compareSweeps([
    sweep('a', [0.1, 0.5, 0.9, null]),
    sweep('b', [0.2, 0.7, 0.4], { training: { epochs: 20 } }),
  ]);

  test('takes as target what every sweep reached', () => {
    expect(target).toBe(0.7);
  });

  test('tells how many trials each took to it', () => {
    expect(sweeps.map(({ trialsToTarget }) => trialsToTarget)).toEqual([3, 2]);
  });

  test('tells how long each took to it, from its first start', () => {
    expect(sweeps.map(({ secondsToTarget }) => secondsToTarget)).toEqual([180, 120]);
  });

  test('tells best, quartiles and counts', () => {
    expect(sweeps[0]).toMatchObject({
      best: { trial: 2, value: 0.9 },
      quartiles: [0.1, 0.5, 0.9],
      trials: { planned: 4, failed: 1 },
    });
  });

  test('takes no trial that cannot win for one of its quartiles', () => {
    const [a, b] = [sweep('a', [0.1, 0.5, 0.9]), sweep('b', [0.2])];
    const trials = a.leaderboard.trials.map((trial) => ({ ...trial, rank: trial.value === 0.1 ? null : trial.rank }));
    const { sweeps } = compareSweeps([{ ...a, leaderboard: { ...a.leaderboard, trials } }, b]);
    expect(sweeps[0]!.quartiles).toEqual([0.5, 0.9, 0.9]);
  });

  test('names what the specs say differently, and nothing else', () => {
    expect(changed).toEqual([
      { field: 'search.trials', values: [4, 3] },
      { field: 'training.epochs', values: [10, 20] },
    ]);
  });
});

test('of losses the target is the larger of the best', () => {
  const loss = { objective: { metric: 'val_loss' } };
  const { target, sweeps } = compareSweeps([sweep('a', [3, 1, 2], loss), sweep('b', [2, 4], loss)]);
  expect(target).toBe(2);
  expect(sweeps.map(({ trialsToTarget }) => trialsToTarget)).toEqual([2, 1]);
});

test('objectives that differ have no target', () => {
  expect(compareSweeps([sweep('a', [1]), sweep('b', [1], { objective: { metric: 'f1' } })]).target).toBeNull();
});

test('a sweep without a success has no best', () => {
  const { sweeps, target } = compareSweeps([sweep('a', [null]), sweep('b', [0.5])]);
  expect(sweeps[0]).toMatchObject({ best: null, quartiles: null, trialsToTarget: null });
  expect(target).toBe(0.5);
});
