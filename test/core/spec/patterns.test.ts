import { expect, test } from 'vitest';
import { PARAMETER_NAME, SWEEP_ID, SWEEP_NAME, VARIABLE_NAME } from '../../../core/spec/patterns.ts';

const accepted = (pattern: RegExp, names: readonly string[]) => names.filter((name) => pattern.test(name));

test('a parameter begins with a letter or _ and may hold dots and hyphens', () => {
  const names = ['a', '_a', 'optimizer.momentum', 'batch-size', 'A9', '1a', '.a', '-a', 'a b', ''];
  expect(accepted(PARAMETER_NAME, names)).toEqual(['a', '_a', 'optimizer.momentum', 'batch-size', 'A9']);
});

test('a variable is a name of the shell', () => {
  expect(accepted(VARIABLE_NAME, ['A', '_a1', 'a.b', '1', 'A=B', 'A\n'])).toEqual(['A', '_a1']);
});

test('a sweep id has at most 80 characters and no path', () => {
  const ids = ['a', 'A_b-9', 'x'.repeat(80), 'x'.repeat(81), '', '../x', 'a/b', 'a\n'];
  expect(accepted(SWEEP_ID, ids)).toEqual(['a', 'A_b-9', 'x'.repeat(80)]);
});

test('the name of a sweep has at most 40 characters, in lower case', () => {
  const names = ['digits-2', 'x'.repeat(40), 'x'.repeat(41), 'Digits', 'a_b', ''];
  expect(accepted(SWEEP_NAME, names)).toEqual(['digits-2', 'x'.repeat(40)]);
});
