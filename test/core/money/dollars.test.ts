import { expect, test } from 'vitest';
import { dollarsAmong } from '../../../core/money/dollars.ts';

test.each([
  ['of a column of small amounts have equally many decimals', [0.0042, 0.01, null, 0], ['$0.0042', '$0.0100', '$0.00']],
  ['have cents where one is not small', [0.0042, 3.123], ['$0.0042', '$3.12']],
  ['have cents where none is below a cent', [0.05, 0.0123], ['$0.05', '$0.01']],
  ['of a column without any are none', [null, 0], ['$0.00']],
])('amounts %s', (_, column, expected) => {
  expect(column.filter((amount) => amount !== null).map(dollarsAmong(column))).toEqual(expected);
});
