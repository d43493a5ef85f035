import { expect, test } from 'vitest';
import { random } from '../../../../core/search/strategies/random.ts';
import { buildSpace } from '../../../../core/space/space.ts';

const space = buildSpace({ x: { min: 0, max: 1, scale: 'linear', type: 'float' } });
const first = (seed: number, count: number) => {
  const points = [];
  for (const point of random.propose({ space, seed, goal: 'maximize', count, history: [] })) {
    points.push(point);
    if (points.length === count) break;
  }
  return points;
};

test('more points are a longer prefix of one sequence, which the seed decides', () => {
  expect(first(3, 9).slice(0, 4)).toEqual(first(3, 4));
  expect(first(3, 4)).not.toEqual(first(4, 4));
});

test('points spread over the whole range', () => {
  const values = first(1, 400).map(({ x }) => Number(x));
  const quarters = [0, 1, 2, 3].map((quarter) => values.filter((value) => Math.floor(4 * value) === quarter).length);
  expect(Math.min(...quarters)).toBeGreaterThan(60);
});
