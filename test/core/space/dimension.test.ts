import { describe, expect, test } from 'vitest';
import { stepCount, valuesOf } from '../../../core/space/dimension.ts';
import { parameterSchema } from '../../../core/space/parameter.ts';

const values = (parameter: unknown) => valuesOf(parameterSchema.parse(parameter));
const drawn = (parameter: unknown, ...units: number[]) => units.map((unit) => values(parameter).draw(unit));
const all = (parameter: unknown) => {
  const { count, at } = values(parameter);
  return Array.from({ length: count }, (_, index) => at(index));
};

describe('choices', () => {
  test('get equal shares of [0, 1], and 1 is the last one', () =>
    expect(drawn(['a', 'b', 'c', 'd'], 0, 0.24, 0.25, 0.74, 0.75, 1)).toEqual(['a', 'a', 'b', 'c', 'd', 'd']));

  test('have the centre of their share as their place', () =>
    expect(['a', 'b'].map((choice) => values(['a', 'b']).unitOf(choice))).toEqual([0.25, 0.75]));

  test.each([
    [[1, 2, 4], true],
    [[4, 2, 1], true],
    [[1, 4, 2], false],
    [[1, 1], false],
    [['1', '2'], false],
  ])('%j are ordered: %s', (choices, ordered) => expect(values(choices).ordered).toBe(ordered));

  test('accept a value by what it is, however its keys are ordered, and nothing else', () => {
    const { accept } = values([{ a: 1, b: 2 }, null, 1]);
    expect(accept({ b: 2, a: 1 })).toEqual({ a: 1, b: 2 });
    expect(accept(null)).toBeNull();
    expect(['1', undefined, { a: 1 }].map(accept)).toEqual([undefined, undefined, undefined]);
  });

  test('are listed up to the tenth', () => {
    expect(values([1, 'a']).allowed).toBe('1, "a"');
    expect(values(Array.from({ length: 11 }, (_, index) => index)).allowed).toBe(
      '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 ... (11 values)',
    );
  });
});

describe('a range of floats', () => {
  test('is continuous, and drawn with six digits', () => {
    expect(values({ min: 0, max: 1 })).toMatchObject({ count: Number.POSITIVE_INFINITY, ordered: true });
    expect(drawn({ min: 0, max: 3 }, 0, 1 / 9, 1)).toEqual([0, 0.333333, 3]);
  });

  test('on a log scale gives each order of magnitude the same share', () =>
    expect(drawn({ min: 0.001, max: 1, scale: 'log' }, 0, 1 / 3, 2 / 3, 1)).toEqual([0.001, 0.01, 0.1, 1]));

  test('never leaves its ends for rounding', () =>
    expect(drawn({ min: 0.12345649, max: 0.98765451 }, 0, 1)).toEqual([0.12345649, 0.98765451]));

  test('of one value has that value', () =>
    expect([values({ min: 2, max: 2 }).count, values({ min: 2, max: 2 }).unitOf(2)]).toEqual([1, 0.5]));

  test('accepts numbers from its lowest to its highest', () =>
    expect([0, 1, -0.1, 1.1, '1', Number.NaN].map(values({ min: 0, max: 1 }).accept)).toEqual([
      0,
      1,
      ...Array.from({ length: 4 }, () => undefined),
    ]));

  test.each(['linear', 'log'])('finds the place that a value was drawn from: %s', (scale) => {
    const { draw, unitOf } = values({ min: 1, max: 100, scale });
    expect(unitOf(draw(0.3))).toBeCloseTo(0.3, 5);
  });
});

describe('a stepped range', () => {
  test('has whole steps from its lowest value', () => {
    expect(all({ min: 0, max: 1, step: 0.25 })).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(all({ min: 0, max: 1, step: 0.4 })).toEqual([0, 0.4, 0.8]);
  });

  test('is free of float noise, and keeps the digits that its steps need', () => {
    expect(all({ min: 0.1, max: 0.3, step: 0.1 })).toEqual([0.1, 0.2, 0.3]);
    expect(all({ min: 1_000_000, max: 1_000_000.2, step: 0.1 })).toEqual([1_000_000, 1_000_000.1, 1_000_000.2]);
  });

  test('accepts its own values as it spells them, and none between or beyond', () =>
    expect([0.1 + 0.2, 0.25, -0.1, 0.4].map(values({ min: 0, max: 0.3, step: 0.1 }).accept)).toEqual([
      0.3,
      ...Array.from({ length: 3 }, () => undefined),
    ]));

  test.each([
    [0, 1, 0.1, 11],
    [0, 0.3, 0.1, 4],
    [0, 1, 0.3, 4],
    [1, 0, 0.1, 0],
    [0, 1, 2, 1],
  ])('from %d to %d by %d has %d values', (min, max, step, count) => expect(stepCount(min, max, step)).toBe(count));
});

describe('a range of whole numbers', () => {
  const whole = (range: object) => ({ type: 'integer', ...range });

  test('has its ends and every step', () => {
    expect(all(whole({ min: -1, max: 2 }))).toEqual([-1, 0, 1, 2]);
    expect(all(whole({ min: 1, max: 6, step: 2 }))).toEqual([1, 3, 5]);
  });

  test('accepts whole numbers on a step', () =>
    expect([3, 2, 1.5, 7, -1].map(values(whole({ min: 1, max: 6, step: 2 })).accept)).toEqual([
      3,
      ...Array.from({ length: 4 }, () => undefined),
    ]));

  test('on a log scale gives k the share of log((k + 1/2) / (k - 1/2))', () => {
    const range = whole({ min: 1, max: 4, scale: 'log' });
    const bound = Math.log(1.5 / 0.5) / Math.log(4.5 / 0.5);
    expect(drawn(range, 0, bound - 1e-9, bound + 1e-9, 1)).toEqual([1, 1, 2, 4]);
    expect(values(range).unitOf(1)).toBeCloseTo(bound / 2, 12);
  });

  test('says what is allowed', () => {
    expect(values(whole({ min: 1, max: 6 })).allowed).toBe('whole numbers from 1 to 6');
    expect(values(whole({ min: 1, max: 6, step: 2 })).allowed).toBe('whole numbers from 1 to 6 in steps of 2');
  });
});
