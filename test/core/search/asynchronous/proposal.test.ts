import { expect, test } from 'vitest';
import { proposals } from '../../../../core/search/asynchronous/proposal.ts';
import type { AsynchronousSweep } from '../../../../core/search/asynchronous/sweep.ts';
import { propose } from '../../../../core/search/propose.ts';
import { Fits, fitBasis } from '../../../../core/search/strategies/bayesian-numbered.ts';
import { type Parameters, pointKey, satisfies } from '../../../../core/space/space.ts';
import { knownOf, type Told } from './known-of.ts';
import { asha, bayesian, sweepOf } from './scenarios.ts';

/** 12 trials with results, 3 that are training. Their parameters are points of the space. */
function learning(sweep: AsynchronousSweep, count = 12, training = 3) {
  const { space, spec } = sweep;
  const points = propose({
    ...{ space, strategy: 'random', seed: 3, goal: 'maximize', initial: [], history: [], skip: 0 },
    count: count + training,
  });
  const units = points.map((_, number): Told => [number, 10, number < count ? Math.sin(7 * number) : undefined]);
  const known = knownOf(spec.search.trials, units);
  return { ...known, points: new Map<number, Parameters>(points.entries()) };
}

const firstOf = (sweep: AsynchronousSweep, number: number, known = learning(sweep), fits = new Fits()) =>
  proposals(sweep, number, known, fits).next().value;

test('a strategy that does not learn gives trial n the nth point of its sequence', () => {
  const sweep = asha(9);
  const { space, spec } = sweep;
  const points = propose({
    ...{ space, strategy: 'sobol', seed: spec.search.seed, goal: 'maximize', initial: [], history: [], skip: 0 },
    count: 9,
  });
  expect(points.map((_, number) => firstOf(sweep, number, learning(sweep, 0, 0)))).toEqual(points);
});

test('the initial points go to the first trials, each once', () => {
  const initial = [
    { a: 1, b: 0, c: 'p' },
    { a: 1, b: 0, c: 'p' },
    { a: 2, b: 0.5, c: 'q' },
  ];
  const sweep = bayesian(20, { initial });
  const champion = { a: 5, b: 1, c: 'q' };
  const points = [0, 1, 2].map((number) => firstOf({ ...sweep, first: [champion] }, number, learning(sweep, 0, 0)));
  expect(points).toEqual([champion, initial[0], initial[2]]);
});

test('before there is enough to learn from, trials that see the same get points of their own', () => {
  const sweep = bayesian(20);
  const nothing = learning(sweep, 0, 0);
  const points = Array.from({ length: 20 }, (_, number) => pointKey(firstOf(sweep, number, nothing)!));
  expect(new Set(points).size).toBe(20);
});

test('trials that see the same are proposed points of their own, and each the same one whenever it is asked for', () => {
  const sweep = sweepOf({
    search: { strategy: 'bayesian', trials: 30, space: { a: { min: 0, max: 5, step: 0.1 }, b: [0, 1, 2] } },
  });
  const known = learning(sweep);
  const fits = new Fits();
  const points = [15, 16, 17, 18, 19].map((number) => firstOf(sweep, number, known, fits));
  expect(new Set(points.map((point) => pointKey(point!))).size).toBeGreaterThan(1);
  expect(firstOf(sweep, 17, known)).toEqual(points[2]);
});

test('no trial that was seen is proposed again, and every other point of a small space is', () => {
  const sweep = bayesian(30);
  const known = learning(sweep);
  const proposed = [...proposals(sweep, 20, known, new Fits())].map(pointKey);
  expect(new Set(proposed).size).toBe(proposed.length);
  const seen = [...known.points.values()].map(pointKey);
  expect(proposed.filter((point) => seen.includes(point))).toEqual([]);
  expect(proposed.length + seen.length).toBe(sweep.space.size);
});

test('the fit is of a set of results that grows by tenths, whichever of the latest were seen', () => {
  const results = (count: number) =>
    Array.from({ length: count }, (_, number) => ({ number, parameters: {}, epochs: 1, value: number }));
  const sizes = Array.from({ length: 300 }, (_, count) => fitBasis(results(count + 1)).results.length);
  expect(new Set(sizes).size).toBeLessThan(55);
  expect(sizes.every((size, index) => size <= index + 1 && size > (index + 1) / 1.2)).toBe(true);
  const [all, some] = [results(100), results(100).filter(({ number }) => number !== 98)];
  expect(fitBasis(some).name).toBe(fitBasis(all).name);
});

test('every point keeps to the constraints, the first ones and those that the model wants', () => {
  const space = { a: { min: 0, max: 5, step: 0.1 }, b: [0, 1, 2] };
  const sweep = sweepOf({ search: { strategy: 'bayesian', trials: 30, space, constraints: ['a < 1 + b'] } });
  for (const known of [learning(sweep), learning(sweep, 0, 0)])
    for (const number of [15, 16, 17]) {
      const points = proposals(sweep, number, known, new Fits()).take(30).toArray();
      expect(points.filter((point) => !satisfies(sweep.space, point))).toEqual([]);
      expect(points.length).toBeGreaterThan(10);
    }
});
