import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { CURVE_POINTS, type Curve, curveOf } from '../../../core/trial/curve.ts';
import { earlyStop } from '../../../core/trial/early-stop.ts';
import { mediansOf } from '../../../core/trial/median.ts';
import type { EpochMetrics } from '../../../core/trial/metrics.ts';

const spec = (stop: object, goal = 'maximize') =>
  resolveSpec({
    search: { strategy: 'random', trials: 8, rounds: 2, space: { x: { min: 0, max: 1 } } },
    objective: { metric: 'm', goal },
    training: { epochs: 10, stop },
  });

const metrics = (...values: (number | null)[]): EpochMetrics[] =>
  values.map((value, index) => ({ epoch: index + 1, values: { m: value } }));

const curve = (...values: (number | null)[]): Curve => values.map((value, index) => [index + 1, value]);

describe('patience', () => {
  const stop = (...values: (number | null)[]) => earlyStop(spec({ patience: 3 }), metrics(...values), null, 10);

  test('ends a trial that has not improved for so many epochs', () => {
    expect(stop(1, 2, 2, 1, 2)).toEqual({ rule: 'patience', epoch: 5 });
  });

  test('lets one that improves go on', () => {
    expect(stop(1, 2, 2, 1, 3)).toBeNull();
  });

  test('counts values that are not finite as no improvement', () => {
    expect(stop(1, null, null, null)).toEqual({ rule: 'patience', epoch: 4 });
  });

  test('does not depend on what was reported after the stop', () => {
    expect(stop(1, 2, 2, 1, 2, 9, 9)).toEqual({ rule: 'patience', epoch: 5 });
  });

  test('never ends a trial at its last epoch', () => {
    expect(stop(1, 2, 3, 4, 5, 6, 7, 7, 7, 7)).toBeNull();
  });

  test('waits for minEpochs', () => {
    expect(earlyStop(spec({ patience: 3, minEpochs: 8 }), metrics(1, 1, 1, 1, 1, 1, 1, 1), null, 10)).toEqual({
      rule: 'patience',
      epoch: 8,
    });
  });
});

describe('the median rule', () => {
  const medians = mediansOf([curve(1, 5, 5), curve(2, 2, 9), curve(3, 3, 3)], 'maximize', 4);

  test('takes the median of the best so far, and what a shorter curve had reached', () => {
    expect(medians).toEqual({ values: [2, 3, 5, 5] });
  });

  test('ends a trial whose best so far is below it', () => {
    expect(earlyStop(spec({ median: true }), metrics(2, 2.5), medians, 10)).toEqual({ rule: 'median', epoch: 2 });
  });

  test('lets a trial go on that is as good', () => {
    expect(earlyStop(spec({ median: true }), metrics(2, 3, 5), medians, 10)).toBeNull();
  });

  test('turns with the goal', () => {
    const lower = mediansOf([curve(3), curve(2), curve(1)], 'minimize', 1);
    expect(earlyStop(spec({ median: true }, 'minimize'), metrics(2.5), lower, 10)).toEqual({
      rule: 'median',
      epoch: 1,
    });
    expect(earlyStop(spec({ median: true }, 'minimize'), metrics(1.5), lower, 10)).toBeNull();
  });

  test('says nothing with fewer than three curves, or where most have no value yet', () => {
    expect(mediansOf([curve(1), curve(2)], 'maximize', 3)).toBeNull();
    const late = mediansOf([curve(null, 5), curve(null, 6), curve(1, 7)], 'maximize', 2);
    expect(earlyStop(spec({ median: true }), metrics(0), late, 10)).toBeNull();
    expect(JSON.parse(JSON.stringify(late))).toEqual(late);
  });
});

test('a long curve keeps its ends and a bounded number of points', () => {
  const long = curveOf(metrics(...Array.from({ length: 1000 }, (_, index) => index)), 'm');
  expect(long).toHaveLength(CURVE_POINTS);
  expect(long[0]).toEqual([1, 0]);
  expect(long.at(-1)).toEqual([1000, 999]);
});
