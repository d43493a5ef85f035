import { expect, test } from 'vitest';
import { duration, formatFor, plain, shorten } from '../../page/format.ts';

const column = (values: readonly number[], scale?: 'linear' | 'log') => values.map(formatFor(values, scale));

test('a column shares its decimals, six significant digits at most', () => {
  expect(column([0.9, 0.25, 0.123456789])).toEqual(['0.900000', '0.250000', '0.123457']);
  expect(column([0.05, 0.1, 0.5])).toEqual(['0.05', '0.10', '0.50']);
  expect(column([1234.5678, 1000])).toEqual(['1234.57', '1000.00']);
  expect(column([16, 32, 64])).toEqual(['16', '32', '64']);
});

test('values of different sizes are written each by itself', () => {
  expect(column([0.000123, 0.1], 'log')).toEqual(['0.000123', '0.1']);
  expect(column([0.0001234, 99.5])).toEqual(['0.0001234', '99.5']);
});

test('what is very small or large is a power of ten', () => {
  expect([0.0000123456789, 1e300, -2e-7, 0, 0.00015].map(plain)).toEqual([
    '1.23457e\u22125',
    '1e300',
    '\u22122e\u22127',
    '0',
    '0.00015',
  ]);
});

test('thousands stand apart from five digits on', () => {
  expect(column([9999, 10_000])).toEqual(['9999', '10,000']);
});

test('durations are two units', () => {
  expect([0.04, 4.26, 59.7, 61, 3599, 3600, 90_000].map(duration)).toEqual([
    '0 s',
    '4.3 s',
    '60 s',
    '1 min 1 s',
    '59 min 59 s',
    '1 h',
    '1 d 1 h',
  ]);
});

test('a cut text ends in an ellipsis and in no half of a character', () => {
  expect(shorten('abcdef', 4)).toBe('abc\u2026');
  expect(shorten('abcd', 4)).toBe('abcd');
  expect(shorten('\ud83d\ude00'.repeat(9), 3)).toBe('\ud83d\ude00\ud83d\ude00\u2026');
});

test('a column that has numbers of tiny size writes all of them as powers of ten', () =>
  expect(column([0.03, 0.0000157203, 0.000727916], 'log')).toEqual([
    '3e\u22122',
    '1.57203e\u22125',
    '7.27916e\u22124',
  ]));

test('a column of moderate sizes on a log scale has no powers of ten', () =>
  expect(column([0.03, 0.0001], 'log')).toEqual(['0.03', '0.0001']));

test('on a linear scale one tiny value makes no powers of ten of the others', () =>
  expect(column([0.5, 0.421, 0.00003], 'linear')).toEqual(['0.50000', '0.42100', '0.00003']));

test('a column of tiny values alone writes powers of ten, as a sentence does', () =>
  expect(column([0.00005, 0.001])).toEqual(['5e\u22125', '1e\u22123']));
