import { expect, test } from 'vitest';
import { specUnder } from '../../../core/search/under-control.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const spec = (search: object = {}) =>
  resolveSpec({ search: { strategy: 'random', trials: 8, space: { x: { min: 0, max: 1 } }, ...search } });

test('a spec stays as it is where nobody asked for anything', () => {
  const given = spec();
  expect(specUnder(given, {})).toBe(given);
});

test('of the trials asked for and those of the spec the larger number counts', () => {
  expect([4, 8, 20].map((trials) => specUnder(spec(), { trials }).search.trials)).toEqual([8, 8, 20]);
});

test('a value to stop at stands in place of the one of the spec, and leaves its other rules', () => {
  const stopping = spec({ strategy: 'bayesian', stop: { value: 0.9, minImprovement: 0.01, rounds: 2 } });
  expect(specUnder(stopping, { stopValue: 0.5 }).search.stop).toEqual({ value: 0.5, minImprovement: 0.01, rounds: 2 });
  expect(specUnder(spec(), { stopValue: 0.5 }).search).toMatchObject({ trials: 8, stop: { value: 0.5 } });
});
