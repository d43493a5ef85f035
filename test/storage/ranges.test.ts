import { expect, test } from 'vitest';
import { rangesAfter } from '../../storage/ranges.ts';

test.each([
  [
    'a whole number of parts',
    4,
    12,
    [
      [4, 8],
      [8, 12],
    ],
  ],
  [
    'a shorter last part',
    4,
    9,
    [
      [4, 8],
      [8, 9],
    ],
  ],
  ['nothing after the first part', 4, 4, []],
  ['an object smaller than its first part', 4, 3, []],
])('the bytes after the first part, in parts: %s', (_, start, size, parts) => {
  expect(rangesAfter(start, size, 4).map(({ start, end }) => [start, end])).toEqual(parts);
});
