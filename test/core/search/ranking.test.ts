import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Confirmation } from '../../../core/search/confirm.ts';
import { compareByValue, compareTrials } from '../../../core/search/ranking.ts';
import type { TrialRecord } from '../../../core/trial/record.ts';
import { record } from './support.ts';

const confirmedAt = (mean: number): Confirmation => ({ mean, spread: 0, seeds: [{ seed: 1, value: mean }] });

const order = (records: readonly TrialRecord[], compare = compareByValue({ goal: 'maximize' })) =>
  records.toSorted(compare).map(({ trial }) => trial);

test('the better value comes first, by the goal', () => {
  const records = [record(0, 1), record(1, 3), record(2, 2)];
  expect(order(records)).toEqual([1, 2, 0]);
  expect(order(records, compareByValue({ goal: 'minimize' }))).toEqual([0, 2, 1]);
});

test('more epochs come before a better value', () => {
  expect(order([record(0, 9, { epochs: 1 }), record(1, 1, { epochs: 3 })])).toEqual([1, 0]);
});

test('ties go to the earlier trial, and failed trials come last in the order of proposal', () => {
  expect(order([record(3, null), record(2, 1), record(1, null), record(0, 1)])).toEqual([0, 2, 1, 3]);
});

test('a failed trial comes last even if it was trained longer', () => {
  expect(order([record(0, null, { epochs: 99 }), record(1, 1)])).toEqual([1, 0]);
});

describe('with confirmations', () => {
  const confirmed = (means: Readonly<Record<number, number>>) =>
    compareTrials(
      { goal: 'maximize' },
      new Map(Object.entries(means).map(([trial, mean]) => [Number(trial), confirmedAt(mean)])),
    );

  test('trials are compared by the mean over the new seeds', () => {
    expect(order([record(0, 9), record(1, 8)], confirmed({ 0: 2, 1: 5 }))).toEqual([1, 0]);
  });

  test('a confirmed trial comes before one that is not, whatever their values', () => {
    expect(order([record(0, 9), record(1, 1)], confirmed({ 1: 0 }))).toEqual([1, 0]);
  });

  test('two trials that are not confirmed compare by their values', () => {
    expect(order([record(0, 1), record(1, 8), record(2, 0)], confirmed({ 2: 1 }))).toEqual([2, 1, 0]);
  });

  test('equal means go to the earlier trial', () => {
    expect(order([record(1, 9), record(0, 8)], confirmed({ 0: 5, 1: 5 }))).toEqual([0, 1]);
  });

  test('more epochs still come first', () => {
    expect(order([record(0, 9, { epochs: 1 }), record(1, 1)], confirmed({ 0: 9 }))).toEqual([1, 0]);
  });
});

test('the order does not depend on the order in which results came', () => {
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(values, fc.array(fc.nat(3)), (list, confirmed) => {
      const records = list.map((value, number) => record(number, value, { epochs: 1 + (number % 2) }));
      const compare = compareTrials(
        { goal: 'minimize' },
        new Map(confirmed.map((number) => [number, confirmedAt(number % 2)])),
      );
      expect(order(records.toReversed(), compare)).toEqual(order(records, compare));
    }),
  );
});

test('a trial beyond a limit comes after all within, however long it was trained and whatever it was confirmed as', () => {
  const others = [{ metric: 'ms', goal: 'minimize', limit: 20 }] as const;
  const at = (number: number, value: number | null, ms: number, epochs = 1) =>
    record(number, value, { epochs, ...(value === null ? {} : { others: { ms } }) });
  const records = [at(0, 9, 21, 3), at(1, 1, 20), at(2, 5, 19), at(3, null, 0), at(4, 7, 90)];
  expect(order(records, compareTrials({ goal: 'maximize', others }, new Map([[4, confirmedAt(99)]])))).toEqual([
    2, 1, 0, 4, 3,
  ]);
});
