import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beyondLimits, isWithinLimits } from '../../../core/spec/limits.ts';
import type { OtherObjective } from '../../../core/spec/spec.ts';
import { judgedBy, judgedFor, judgeMetrics } from '../../../core/trial/objective.ts';
import { frontOf, othersAt } from '../../../core/trial/objectives.ts';
import { rejudge } from '../../../core/trial/rejudge.ts';
import type { TrialResult } from '../../../core/trial/result.ts';

const ms: OtherObjective = { metric: 'ms', goal: 'minimize' };
const objective = (...others: OtherObjective[]) => ({ metric: 'acc', goal: 'maximize', at: 'best', others }) as const;

describe('a limit', () => {
  const limited = objective({ ...ms, limit: 20 }, { metric: 'recall', goal: 'maximize', limit: 0.5 });

  test('is kept by values as good as it', () => {
    expect(beyondLimits(limited, { ms: 20, recall: 0.5 })).toEqual([]);
    expect(beyondLimits(limited, { ms: 20.1, recall: 0.6 })).toEqual(['ms']);
    expect(beyondLimits(limited, { ms: 1, recall: 0.4 })).toEqual(['recall']);
  });

  test('is not kept by a value that is not known', () => {
    expect(beyondLimits(limited, { recall: 1 })).toEqual(['ms']);
  });

  test('lets no failed trial win', () => {
    expect(isWithinLimits(objective(), { value: null })).toBe(false);
    expect(isWithinLimits(objective(), { value: 0 })).toBe(true);
  });
});

describe('the front', () => {
  const trial = (value: number | null, values: Record<string, number>) => ({ value, others: values });

  test('holds what no other trial beats, equal trials too, in the order given', () => {
    const trials = [
      [1, 9],
      [5, 10],
      [5, 9],
      [5, 9],
      [7, 12],
      [6, 13],
      [0, 1],
    ].map(([value, at]) => trial(value!, { ms: at! }));
    expect(frontOf(objective(ms), trials)).toEqual([trials[2], trials[3], trials[4], trials[6]]);
  });

  test('leaves out trials that failed or are beyond a limit, which beat nobody either', () => {
    const both = objective(ms, { metric: 'size', goal: 'minimize', limit: 3 });
    const trials = [trial(9, { ms: 1, size: 4 }), trial(null, {}), trial(5, { ms: 2, size: 3 })];
    expect(frontOf(both, trials)).toEqual([trials[2]]);
  });

  test('is none where nothing is traded off', () => {
    expect(frontOf(objective({ ...ms, limit: 9 }), [trial(1, { ms: 1 })])).toEqual([]);
  });

  test('is what comparing all with all finds', () => {
    const three = objective(ms, { metric: 'recall', goal: 'maximize' });
    const values = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4));
    fc.assert(
      fc.property(fc.array(values, { maxLength: 25 }), (list) => {
        const trials = list.map(([acc, at, recall]) => trial(acc, { ms: at, recall }));
        const gains = list.map(([acc, at, recall]) => [acc, -at, recall]);
        const isBeaten = (mine: number[]) =>
          gains.some((other) => other.every((v, k) => v >= mine[k]!) && other.some((v, k) => v > mine[k]!));
        expect(frontOf(three, trials)).toEqual(trials.filter((_, index) => !isBeaten(gains[index]!)));
      }),
    );
  });
});

describe('the value of another objective', () => {
  const epochs = (list: readonly (readonly [number, Record<string, number | null>])[]) =>
    list.map(([epoch, values]) => ({ epoch, values }));

  test('is that of the epoch that counts, so that all are of one model', () => {
    const metrics = epochs([
      [1, { acc: 1, ms: 10 }],
      [2, { acc: 3, ms: 12 }],
      [3, { acc: 2, ms: 11 }],
    ]);
    expect(judgeMetrics(objective(ms), metrics)).toMatchObject({ value: 3, epoch: 2, others: { ms: 12 } });
  });

  test('is the last one before that epoch, or, measured once at the end, the first after it', () => {
    const metrics = epochs([
      [1, { acc: 1, early: 7 }],
      [2, { acc: 3, early: null }],
      [3, { acc: 2, late: 9 }],
    ]);
    const others = [
      { metric: 'early', goal: 'minimize' },
      { metric: 'late', goal: 'minimize' },
      { metric: 'none', goal: 'minimize' },
    ] as const;
    expect(othersAt(objective(...others), metrics, 2)).toEqual({ early: 7, late: 9, none: null });
  });

  test('fails the trial that has none, by name', () => {
    const missing = judgeMetrics(objective(ms), epochs([[1, { acc: 1, mss: 3 }]]));
    expect(missing).toMatchObject({ status: 'failed', failure: { class: 'no-metric' } });
    expect(JSON.stringify(missing)).toMatch(/it reported acc, mss, but another objective is ms; did you mean mss/);
    const infinite = judgeMetrics(objective(ms), epochs([[1, { acc: 1, ms: null }]]));
    expect(JSON.stringify(infinite)).toContain('ms, another objective, was never a finite number');
  });
});

test('a result is judged anew when its other metrics are not those of the objective, and not for another limit', () => {
  const one = { metric: 'acc', goal: 'maximize', at: 'best' } as const;
  const judged = judgedFor(objective(ms));
  expect(judgedBy(judged, objective({ ...ms, limit: 3 }))).toBe(true);
  expect(judgedBy(judged, one)).toBe(false);
  expect(judgedBy(judgedFor(one), one)).toBe(true);
  expect(judgedBy(judgedFor(one), objective(ms))).toBe(false);
  const metrics = [{ epoch: 1, values: { acc: 5, ms: 2 } }];
  const result = { ...judgedFor(one), status: 'succeeded', value: 5, epoch: 1, failure: null } as TrialResult;
  const anew = rejudge(objective(ms), result, metrics);
  expect(anew).toMatchObject({ otherMetrics: ['ms'], others: { ms: 2 }, value: 5 });
  expect(rejudge(one, anew, metrics)).not.toHaveProperty('others');
});
