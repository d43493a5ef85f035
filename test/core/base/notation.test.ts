import { expect, test } from 'vitest';
import { inNotation, type Notation, notationOf } from '../../../core/base/notation.ts';

const all = (values: readonly number[], scale?: 'linear' | 'log') => {
  const notation: Notation = notationOf(values, scale);
  return values.map((value) => inNotation(value, notation, 6));
};

test('values read together are written in one notation', () => {
  expect(all([0.1, 0.0001])).toEqual(['0.1', '0.0001']);
  expect(all([0.1, 0.0001, 0.00001])).toEqual(['1e-1', '1e-4', '1e-5']);
  expect(all([16, 1e9])).toEqual(['1.6e1', '1e9']);
});

test('on a linear scale a value close to zero does not decide', () => {
  expect(all([0.5, 0.00003], 'linear')).toEqual(['0.5', '0.00003']);
  expect(all([0.00005, 0.00003], 'linear')).toEqual(['5e-5', '3e-5']);
});

test('zero is of either notation', () => {
  expect(all([0, 0.5])).toEqual(['0', '0.5']);
  expect(all([-0, 1e-7, 1])).toEqual(['0', '1e-7', '1']);
});

test('a value alone has the notation of its size, and all of its digits unless fewer are asked for', () => {
  expect([0.0000373567, -0.00002, 0.0001, 123456789.25].map((value) => inNotation(value))).toEqual([
    '3.73567e-5',
    '-2e-5',
    '0.0001',
    '123456789.25',
  ]);
  expect(inNotation(0.123456789, 'decimal', 3)).toBe('0.123');
});

test('what is not finite or missing says nothing of the notation', () =>
  expect(notationOf([null, Number.NaN, Number.POSITIVE_INFINITY])).toBe('decimal'));
