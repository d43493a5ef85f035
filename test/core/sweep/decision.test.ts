import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toleratedFailures } from '../../../core/search/tolerance.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { decide, toleranceSentence } from '../../../core/sweep/decision.ts';
import { limitsMissed } from '../../../core/sweep/limits.ts';
import type { RunMetadata } from '../../../core/sweep/run-metadata.ts';
import type { TrialRecord } from '../../../core/trial/record.ts';

const record = (trial: number, value: number | null, more: Partial<TrialRecord> = {}): TrialRecord => ({
  ...{ trial, id: '', parameters: {}, value, epoch: 1, epochs: 9, diverged: false, failureClass: null },
  status: 'succeeded',
  ...more,
});

const spec = (failedTrials: string | number = '25%') =>
  resolveSpec({ search: { space: { x: [1, 2] } }, training: { epochs: 9 }, tolerance: { failedTrials } });

const group = (count: number): RunMetadata['failures'][number] => ({
  class: 'timeout',
  count,
  remedy: 'raise it',
  shared: ['x 1'],
  example: { trial: 4, id: 'i', reason: 'too slow', logTail: '' },
});

describe('tolerated failures', () => {
  test('of a share are rounded down', () => {
    expect([7, 8, 10, 11, 12].map((planned) => toleratedFailures(spec('25%'), planned))).toEqual([1, 2, 2, 2, 3]);
  });

  test('are not one fewer for want of float precision', () => {
    for (const [share, planned, tolerated] of [
      ['29%', 100, 29],
      ['0.7%', 1000, 7],
      ['57%', 100, 57],
      ['9.2%', 750, 69],
    ] as const)
      expect(toleratedFailures(spec(share), planned)).toBe(tolerated);
  });

  test('of a count are the count, however many trials there are', () => {
    expect([1, 1000].map((planned) => toleratedFailures(spec(3), planned))).toEqual([3, 3]);
  });

  test('are never more than all trials, and never more of fewer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 5000 }), (share, planned) => {
        const tolerated = toleratedFailures(spec(`${share}%`), planned);
        expect(tolerated).toBeLessThanOrEqual((share * planned) / 100);
        expect(tolerated).toBeGreaterThan((share * planned) / 100 - 1);
        expect(toleratedFailures(spec(`${share}%`), planned + 1)).toBeGreaterThanOrEqual(tolerated);
      }),
    );
  });
});

describe('after a round', () => {
  const outlook = { planned: 8, all: 8, finished: true, reached: 9, groups: [], paused: false, pending: 0 };
  const decision = (change: Partial<Parameters<typeof decide>[1]>, given = spec()) =>
    decide(given, { ...outlook, ...change });

  test('the best is promoted when the sweep is through', () => {
    expect(decision({})).toEqual({ decision: 'promote' });
  });

  test('another one follows while the sweep is not through', () => {
    expect(decision({ finished: false })).toEqual({ decision: 'round' });
  });

  test('as many failures as are tolerated are tolerated, and one more ends the sweep', () => {
    expect(decision({ groups: [group(1), group(1)] }).decision).toBe('promote');
    expect(decision({ groups: [group(1), group(2)] })).toMatchObject({ decision: 'fail', error: 'ToleranceExceeded' });
  });

  test('a sweep ends early once its failures exceed what all its trials may', () => {
    expect(decision({ planned: 4, finished: false, groups: [group(2)] }).decision).toBe('round');
    expect(decision({ planned: 4, finished: false, groups: [group(3)] }).decision).toBe('fail');
  });

  test('a sweep whose every trial failed has failed, whatever is tolerated', () => {
    expect(decision({ groups: [group(8)] }, spec('100%')).decision).toBe('fail');
    expect(decision({ planned: 4, finished: false, groups: [group(4)] }, spec('100%')).decision).toBe('round');
  });

  test('a paused sweep ends as paused where a round follows, or trials are left of this one', () => {
    expect(decision({ paused: true, finished: false }).decision).toBe('pause');
    expect(decision({ paused: true, pending: 1 }).decision).toBe('pause');
    expect(decision({ paused: true, pending: 1, groups: [group(8)] }).decision).toBe('pause');
  });

  test('a paused sweep that has nothing left to train ends as it would have', () => {
    expect(decision({ paused: true }).decision).toBe('promote');
    expect(decision({ paused: true, finished: false, groups: [group(8)] }).decision).toBe('fail');
  });

  test('a sweep that its budget ended has the best so far, also of a lower rung', () => {
    expect(decision({ budget: 'b', finished: false })).toEqual({ decision: 'promote' });
    expect(decision({ budget: 'b', finished: false, reached: 1 })).toEqual({ decision: 'promote' });
  });

  test('a sweep that its budget ended before any trial had a value has failed', () => {
    const none = { budget: 'the hours are up', planned: 0, reached: 0, finished: false };
    expect(decision(none)).toMatchObject({ decision: 'fail', error: 'BudgetEnded' });
    expect(decision(none).cause).toContain('the hours are up, and no trial has a value');
  });

  test('neither a pause nor too many failures are hidden by the end of the budget', () => {
    expect(decision({ budget: 'b', paused: true, pending: 1 }).decision).toBe('pause');
    expect(decision({ budget: 'b', groups: [group(3)] }).error).toBe('ToleranceExceeded');
  });

  test('trials that a person skipped are no failures', () => {
    const skipped = { ...group(3), class: 'skipped' };
    expect(decision({ groups: [skipped] }).decision).toBe('promote');
    expect(decision({ groups: [group(5), skipped] }, spec('100%')).decision).toBe('fail');
    expect(decision({ groups: [group(3), skipped] }).cause).toMatch(
      /^3 of 8 trials failed \(3 timeout, all with x 1\)/,
    );
  });

  test('a sweep whose every trial was skipped has no winner', () => {
    expect(decision({ reached: 0, groups: [{ ...group(8), class: 'skipped' }] }).error).toBe('NoTrialFinished');
  });

  test('no trial is promoted that was not trained to the full budget', () => {
    expect(decision({ reached: 8 })).toMatchObject({ decision: 'fail', error: 'NoTrialFinished' });
  });
});

test('a sweep that failed says how many failed, of how many, why, and what to do', () => {
  const sentence = toleranceSentence(3, 8, 2, [group(3)], 'digits-1');
  for (const part of ['3 of 8', '3 timeout', 'x 1', 'allows 2', 'trial 4', 'too slow', 'raise it'])
    expect(sentence).toContain(part);
});

test('a sweep whose trials are all beyond a limit has failed, and says how near they came', () => {
  const limited = resolveSpec({
    search: { space: { x: [1, 2] } },
    objective: [{ metric: 'acc' }, { metric: 'ms', goal: 'minimize', limit: 20 }],
  });
  const missed = limitsMissed(limited, [
    record(3, 1, { others: { ms: 30 } }),
    record(4, 1, { others: { ms: 23.1 } }),
    record(5, null),
  ]);
  for (const part of ['ms at most 20', '23.1', 'trial 4', 'loosen']) expect(missed).toContain(part);
  const outlook = { planned: 3, all: 3, finished: true, reached: 0, groups: [], paused: false, pending: 0 };
  expect(decide(limited, { ...outlook, missed })).toEqual({
    decision: 'fail',
    error: 'NoTrialFinished',
    cause: missed,
  });
  expect(decide(limited, { ...outlook, missed, finished: false })).toEqual({ decision: 'round' });
});
