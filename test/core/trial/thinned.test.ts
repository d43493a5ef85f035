import { expect, test } from 'vitest';
import { thinned } from '../../../core/trial/curve.ts';

const points = Array.from({ length: 200 }, (_, index) => index);

test('many points become as few as allowed, the first and the last among them', () => {
  const few = thinned(points, 60);
  expect(few).toHaveLength(60);
  expect([few[0], few.at(-1)]).toEqual([0, 199]);
});

test('the points that stay are evenly spaced', () => {
  const few = thinned(points, 60);
  const gaps = few.slice(1).map((point, index) => point - few[index]!);
  expect(new Set(gaps)).toEqual(new Set([3, 4]));
});

test('points that are few enough all stay', () => {
  expect(thinned(points, 200)).toEqual(points);
});
