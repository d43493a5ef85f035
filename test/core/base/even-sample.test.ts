import { expect, test } from 'vitest';
import { evenSample } from '../../../core/base/even-sample.ts';

test('a sample is spread over all, and is all of a few', () => {
  expect(evenSample([1, 2], 3)).toEqual([1, 2]);
  expect(evenSample([0, 1, 2, 3, 4, 5, 6, 7], 4)).toEqual([0, 2, 4, 6]);
});
