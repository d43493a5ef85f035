import { expect, test } from 'vitest';
import { lenientNumeral, NUMBER, numeral } from '../../../core/base/numeral.ts';

test.each([
  ['0.93', 0.93],
  ['5e-05', 5e-5],
  ['-1.5E+3', -1500],
  ['+.5', 0.5],
  ['7.', 7],
  ['12,345.6', 12345.6],
  ['1_000', 1000],
  [' 1 ', 1],
  ['nan', null],
  ['-inf', null],
  ['Infinity', null],
  ['1e999', null],
])('%s is a number', (text, value) => {
  expect(numeral(text)).toBe(value);
  expect(lenientNumeral(text)).toBe(value);
  expect(new RegExp(`^${NUMBER}$`).test(text.trim())).toBe(true);
});

test.each(['', '0.93.', '0.61]', '1,2', '12,3456', '0.5 0.6', 'info', '1.2.3', '--1', 'e5', '0,93', 'None'])(
  '%j is none',
  (text) => {
    expect(numeral(text)).toBeUndefined();
    expect(lenientNumeral(text)).toBeUndefined();
  },
);

test.each([
  ['97.32%', 97.32],
  ['97 %', 97],
  ['tensor(0.91)', 0.91],
  ["'3.074'", 3.074],
  ["tensor(0.91, device='cuda:0')", 0.91],
  ['np.float64(2.5e-05)', 2.5e-5],
])('%s is one where the form is no matter', (text, value) => {
  expect(numeral(text)).toBeUndefined();
  expect(lenientNumeral(text)).toBe(value);
});
