import { describe, expect, test } from 'vitest';
import {
  budgetName,
  endsBeforeThrough,
  expectedSeconds,
  reasonNotToBegin,
  reasonToInterrupt,
  type Spend,
} from '../../../core/money/cap.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { TrialResult } from '../../../core/trial/result.ts';

const start = Date.parse('2026-01-01T00:00Z');
const hour = 3_600_000;
const deadline = '2026-01-01T05:00+01:00';
const begun = { firstStart: start };
const NOTHING: Spend = { firstStart: null };

describe('budget.hours', () => {
  const budget = { hours: 1.5 };

  test('end at that many hours after the first training began, and not a moment before', () => {
    const reasonAt = (hours: number) => reasonNotToBegin(budget, begun, start + hours * hour, null);
    expect(reasonAt(1.5 - 1e-6)).toBeNull();
    expect(reasonAt(1.5)).toBe(
      'budget.hours allows 1.5 h from the first training, which began at 2026-01-01T00:00:00.000Z',
    );
  });

  test('do not count while no training has begun', () => {
    expect(reasonNotToBegin(budget, { firstStart: null }, start + 9 * hour, null)).toBeNull();
  });

  test('let a training begin that takes longer than what is left', () => {
    expect(reasonNotToBegin(budget, begun, start + hour, 7200)).toBeNull();
  });
});

describe('budget.deadline', () => {
  const budget = { deadline };

  test('is the instant that its zone makes it', () => {
    expect(reasonToInterrupt(budget, begun, start + 4 * hour - 1)).toBeNull();
    expect(reasonToInterrupt(budget, begun, start + 4 * hour)).toBe(`budget.deadline, ${deadline}, has passed`);
  });

  test('leaves room for a training that just fits, and lets none begin that takes longer', () => {
    const reasonFor = (seconds: number) => reasonNotToBegin(budget, begun, start + 3 * hour, seconds);
    expect(reasonFor(3600)).toBeNull();
    expect(reasonFor(3601)).toBe(
      `another training takes about 60 min, and 60 min were left until budget.deadline, ${deadline}`,
    );
  });

  test('does not interrupt what runs before its time', () => {
    expect(reasonToInterrupt(budget, begun, start + 4 * hour - 60_000)).toBeNull();
  });
});

test('a sweep without hours and deadline never ends for its budget', () => {
  expect(reasonNotToBegin(undefined, begun, start + 1e12, 1e9)).toBeNull();
  expect(reasonNotToBegin({ askAbove: 1 }, begun, start + 1e12, 1e9)).toBeNull();
  expect(budgetName({ askAbove: 1 })).toBeNull();
});

test('another budget has another name, and what asks before a start is no part of it', () => {
  const names = [{ hours: 1 }, { hours: 2 }, { deadline }, { hours: 1, deadline }].map(budgetName);
  expect(new Set(names).size).toBe(4);
  expect(budgetName({ hours: 1, askAbove: 5 })).toBe(names[0]);
});

describe('the expected seconds of a training', () => {
  const spec = resolveSpec({ search: { space: { x: [1, 2] } }, training: { epochs: 10 } });
  const result = (seconds: number, more: Partial<TrialResult> = {}) =>
    ({ epochs: 10, status: 'succeeded', ...more, facts: { seconds, attemptNumber: 1 } }) as TrialResult;

  test('are its epochs times the mean of an epoch', () => {
    expect(expectedSeconds(spec, { epochs: 10, before: 0 }, [result(100), result(300)])).toBe(200);
  });

  test('count only the epochs that the trial has not been trained yet', () => {
    expect(expectedSeconds(spec, { epochs: 30, before: 10 }, [result(100)])).toBe(200);
  });

  test('are not known by trials that failed or were ended early', () => {
    const others = [result(1, { status: 'failed' }), result(1, { stopped: 'patience' })];
    expect(expectedSeconds(spec, { epochs: 10, before: 0 }, others)).toBeNull();
  });
});

test('a sweep that takes longer than its budget is told before it starts, by what ends it first', () => {
  const told = (budget: Parameters<typeof endsBeforeThrough>[0], seconds: number, spend: Spend = NOTHING) =>
    endsBeforeThrough(budget, { seconds, dollars: seconds / 3600 }, start, spend);
  expect(told({ hours: 2 }, 7200)).toBeNull();
  expect(told({ hours: 2 }, 7201)).toMatch(/^budget.hours, 2, is expected to end the sweep/);
  expect(told({ deadline }, 4 * 3600)).toBeNull();
  expect(told({ hours: 5, deadline }, 4 * 3600 + 1)).toMatch(/^budget.deadline, 2026-01-01T05:00/);
  // A dollar an hour.
  expect(told({ dollars: 4 }, 4 * 3600)).toBeNull();
  expect(told({ hours: 5, dollars: 4 }, 6 * 3600)).toMatch(/^budget.dollars, \$4.00, is expected/);
  expect(told({ hours: 5, dollars: 6 }, 6 * 3600)).toMatch(/^budget.hours, 5/);
  expect(told(undefined, 1e9)).toBeNull();
  // What it had of the budget before counts.
  const spend: Spend = { firstStart: start - hour, dollars: { now: 3, foreseen: 3 } };
  expect(told({ hours: 2 }, 3600, spend)).toBeNull();
  expect(told({ hours: 2 }, 3601, spend)).toMatch(/^budget.hours, 2, is expected/);
  expect(told({ dollars: 4 }, 3600, spend)).toBeNull();
  expect(told({ dollars: 4 }, 3601, spend)).toMatch(/^budget.dollars, \$4.00, of which \$3.00 are spent, is expected/);
  // Nothing is left to train.
  expect(told({ dollars: 2 }, 0, spend)).toBeNull();
});
