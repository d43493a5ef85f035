import { expect, test } from 'vitest';
import { idsAfter } from '../../runner/escaped.ts';

test('ids given out after a program are those up to the last', () => {
  expect(idsAfter(7, 10)).toEqual([8, 9, 10]);
  expect(idsAfter(7, 7)).toEqual([]);
});

test.each([
  ['many', 108],
  ['begun again from the bottom', 6],
  ['unknown', Number.NaN],
])('all processes are looked at where the ids are %s', (_, last) => {
  expect(idsAfter(7, last)).toBeNull();
});
