import { describe, expect, test } from 'vitest';
import { bytesText, firstOf, nearest, number, show, toText } from '../../../core/base/text.ts';

describe('a value that a message shows', () => {
  test('is cut to 80 characters, the dots included', () => {
    expect(show('x'.repeat(78))).toHaveLength(80);
    expect(show('x'.repeat(79))).toBe(`"${'x'.repeat(76)}...`);
  });

  test('is told from its text: the string "1" is not the number 1', () => {
    expect([show('1'), show(1), show(undefined), show(Number.NaN)]).toEqual(['"1"', '1', 'nothing', 'NaN']);
  });
});

describe('the nearest of several names', () => {
  test('is one within a third of the letters', () => {
    expect(nearest('optimiser', ['optimizer', 'layers'])).toBe('optimizer');
    expect(nearest('LEARNING_RATE', ['learning_rate'])).toBe('learning_rate');
  });

  test('is none where all are too far', () => {
    expect(nearest('momentum', ['layers', 'dropout'])).toBeUndefined();
  });

  test('of a name of two letters may differ in one of them', () => {
    expect(nearest('ab', ['ac'])).toBe('ac');
    expect(nearest('ab', ['cd'])).toBeUndefined();
  });

  test('is the first of two as near', () => {
    expect(nearest('lr', ['lx', 'ly'])).toBe('lx');
  });

  test('may lack a letter or have one more', () => {
    expect([nearest('trals', ['trials']), nearest('triials', ['trials'])]).toEqual(['trials', 'trials']);
  });
});

test('a string becomes text as it is, anything else as JSON', () => {
  expect([toText('adam'), toText(true), toText([64, 64]), toText(null)]).toEqual(['adam', 'true', '[64,64]', 'null']);
});

test('a metric is shown with six significant digits, and nothing where there is none', () => {
  expect([number(0.123456789), number(1234567), number(0), number(null)]).toEqual(['0.123457', '1234570', '0', '']);
});

test('bytes are shown with three digits and the unit that keeps them short', () => {
  expect([0, 999, 1000, 1_234_567, 2e15].map(bytesText)).toEqual(['0 B', '999 B', '1 kB', '1.23 MB', '2000 TB']);
});

test('the first of many names stand with how many more there are', () => {
  expect(firstOf(['a', 'b', 'c'], 2)).toBe('a, b, 1 more');
  expect(firstOf(['a', 'b'], 2)).toBe('a, b');
  expect(firstOf([], 2)).toBe('');
});
