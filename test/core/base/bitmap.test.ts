import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitmapOf, numbersIn } from '../../../core/base/bitmap.ts';

test('numbersIn gives back the numbers of a bitmap in ascending order, each once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000)), (numbers) => {
      expect(numbersIn(bitmapOf(numbers))).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    }),
  );
});

test('a set has one text, whatever the order of its numbers', () => {
  expect(bitmapOf([9, 0, 2])).toBe(bitmapOf([2, 9, 0, 9]));
  expect([bitmapOf([]), bitmapOf([0, 2, 9])]).toEqual(['', 'BQI=']);
});
