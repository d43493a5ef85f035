import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { batch } from '../../../core/strategies/batch.ts';

const functions = (...values: number[][]) => values.map((numbers) => Float64Array.from(numbers));

test('the first choice improves most on the known points, over all functions', () => {
  // Candidate 0 is good for sure, 1 may be far better, 2 is worse than what is known (the last column).
  const drawn = functions([1.1, 5, 0, 1], [1.1, -5, 0, 1]);
  expect(batch(drawn, 3).next().value).toBe(1);
});

test('a copy of a chosen candidate adds nothing, and comes after one that does', () => {
  const drawn = functions([3, 3, 0, 1], [0, 0, 2, 1]);
  const [first, second] = batch(drawn, 3);
  expect([first, second]).toEqual([0, 2]);
});

test('every candidate comes once, whatever the functions', () => {
  const numbers = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 5 }), (values) => {
      expect([...batch(functions(...values), 6)].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    }),
  );
});
