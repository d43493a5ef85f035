import { expect, test } from 'vitest';
import { shuffle, uniforms } from '../../../core/base/random.ts';

test('the numbers are these on every machine', () => {
  expect([...uniforms(0, 'random', 0, 5)]).toEqual([
    0.6900084784520483, 0.8103795800452618, 0.22349601015396658, 0.5897647684545284, 0.4194030546201456,
  ]);
});

test('a draw does not depend on how many numbers are taken of it', () => {
  const nine = [...uniforms(7, 'stream', 3, 9)];
  for (let n = 0; n < 9; n++) expect([...uniforms(7, 'stream', 3, n)]).toEqual(nine.slice(0, n));
});

test('another seed, stream or index is another draw', () => {
  const draws = [uniforms(1, 'a', 0, 4), uniforms(2, 'a', 0, 4), uniforms(1, 'b', 0, 4), uniforms(1, 'a', 1, 4)];
  expect(new Set(draws.flatMap((draw) => [...draw])).size).toBe(16);
});

test('the numbers are spread evenly over [0, 1)', () => {
  const buckets = new Array<number>(10).fill(0);
  for (let index = 0; index < 2000; index++)
    for (const u of uniforms(0, 'even', index, 5)) buckets[Math.floor(u * 10)]!++;
  const chiSquare = buckets.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(buckets.length).toBe(10);
  // 9 degrees of freedom: 27.9 is passed once in 1,000 times.
  expect(chiSquare).toBeLessThan(27.9);
});

test('a shuffle keeps every item, and its seed decides the order', () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  const shuffled = shuffle([...items], 1, 'order');
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  expect(shuffle([...items], 1, 'order')).toEqual(shuffled);
  expect(shuffle([...items], 2, 'order')).not.toEqual(shuffled);
});
