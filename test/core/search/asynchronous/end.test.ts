import { describe, expect, test } from 'vitest';
import { reasonNotToTrain, reasonToEnd } from '../../../../core/search/asynchronous/end.ts';
import type { Known } from '../../../../core/search/asynchronous/known.ts';
import type { SpecInput } from '../../../../core/spec/spec.ts';
import type { FailureClass } from '../../../../core/trial/failure.ts';
import { knownOf, type Told } from './known-of.ts';
import { sweepOf } from './scenarios.ts';

const { spec } = sweepOf({ search: { strategy: 'bayesian', trials: 8, space: { x: { min: 0, max: 1 } } } });
const stopping = (stop: NonNullable<SpecInput['search']['stop']>) => ({ ...spec, search: { ...spec.search, stop } });
const told = (...values: (number | null | undefined)[]): Known =>
  knownOf(
    8,
    values.map((value, number): Told => [number, 10, value]),
  );

test('a search goes on while no rule ends it', () => {
  expect(reasonToEnd(spec, told(0.1, 0.9, undefined))).toBeNull();
});

describe('search.stop', () => {
  test('a value ends the search as soon as one trial is as good, in whatever order they end', () => {
    const of = stopping({ value: 0.8 });
    expect(reasonToEnd(of, told(0.1, undefined, 0.7))).toBeNull();
    expect(reasonToEnd(of, told(0.1, undefined, 0.8))?.reason).toBe('stop');
  });

  test('improvement is judged between blocks of trials that have all ended', () => {
    // 8 trials in 4 rounds: blocks of two.
    const of = stopping({ minImprovement: 0.1, rounds: 1 });
    expect(reasonToEnd(of, told(0.5, 0.4, 0.51, undefined, 0.3, 0.2))).toBeNull();
    expect(reasonToEnd(of, told(0.5, 0.4, 0.51, 0.1))?.because).toContain('minImprovement');
    expect(reasonToEnd(of, told(0.5, 0.4, 0.61, 0.1))).toBeNull();
  });
});

describe('tolerance', () => {
  test('more failures than are allowed of all planned trials end the search', () => {
    expect(reasonToEnd(spec, told(0.1, null, null))).toBeNull();
    expect(reasonToEnd(spec, told(0.1, null, null, null))).toEqual({
      reason: 'tolerance',
      because: '3 of 8 trials failed; tolerance.failedTrials allows 2',
    });
  });

  test('a trial that failed at two budgets failed once', () => {
    expect(
      reasonToEnd(
        spec,
        knownOf(8, [
          [0, 10, 0.1],
          [1, 10, null],
          [1, 20, null],
          [2, 10, null],
        ]),
      ),
    ).toBeNull();
  });
});

describe('doomed', () => {
  const failing = (of: number, failureClass: FailureClass, x: (number: number) => number) => {
    const known = told(...Array.from({ length: of }, () => null));
    const budget = known.budgets.get(10)!;
    const ended = new Map([...budget.ended].map(([number, outcome]) => [number, { ...outcome, failureClass }]));
    const points = new Map([...known.points.keys()].map((number) => [number, { x: x(number) }]));
    return { ...known, points, budgets: new Map([[10, { ...budget, ended }]]) };
  };

  test('five failures of one class, and no success, end the search', () => {
    expect(
      reasonToEnd(
        { ...spec, tolerance: { failedTrials: '100%' } },
        failing(4, 'exit-status', () => 1),
      ),
    ).toBeNull();
    expect(
      reasonToEnd(
        spec,
        failing(5, 'exit-status', () => 1),
      )?.reason,
    ).toBe('doomed');
  });

  test('failures that share a value spare trials with others', () => {
    const known = failing(5, 'gpu-out-of-memory', () => 1);
    expect(reasonToEnd({ ...spec, tolerance: { failedTrials: '100%' } }, known)).toBeNull();
    expect(reasonNotToTrain(spec, known, { x: 1 })).toContain('x 1');
    expect(reasonNotToTrain(spec, known, { x: 0.5 })).toBeNull();
  });

  test('lost hosts and trials that were not run say nothing of the program', () => {
    for (const failureClass of ['interrupted', 'lost', 'not-run'] as const)
      expect(
        reasonNotToTrain(
          spec,
          failing(6, failureClass, () => 1),
          {},
        ),
      ).toBeNull();
  });

  test('one success shows that the program can work', () => {
    const known = told(null, null, null, null, null, 0.1);
    expect(reasonToEnd({ ...spec, tolerance: { failedTrials: '100%' } }, known)).toBeNull();
  });
});
