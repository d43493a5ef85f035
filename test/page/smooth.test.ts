import { expect, test } from 'vitest';
import { smoothed } from '../../page/smooth.ts';

test('no weight changes nothing', () => {
  expect(smoothed([1, null, 3], 0)).toEqual([1, null, 3]);
});

test('a constant stays as it is from its first value on', () => {
  expect(smoothed([5, 5, 5], 0.9)).toEqual([5, 5, 5].map((value) => expect.closeTo(value, 12)));
});

test('what came before counts by its weight, over gaps too', () => {
  expect(smoothed([0, null, 3], 0.5)).toEqual([0, null, expect.closeTo(2, 12)]);
});
