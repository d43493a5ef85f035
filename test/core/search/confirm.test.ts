import { describe, expect, test } from 'vitest';
import { confirmationsOf } from '../../../core/search/confirm.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const spec = (seeds: number) =>
  resolveSpec({ search: { trials: 4, space: { x: [1, 2, 3, 4] }, confirm: { top: 1, seeds } } });
const runs = (...values: (number | null)[]) => values.map((value, k) => ({ confirms: 7, seed: k + 1, value }));

describe('a confirmation', () => {
  test('is the mean and the sample deviation of every new seed', () =>
    expect(confirmationsOf(spec(3), runs(1, 2, 3)).get(7)).toEqual({
      mean: 2,
      spread: 1,
      seeds: [
        { seed: 1, value: 1 },
        { seed: 2, value: 2 },
        { seed: 3, value: 3 },
      ],
    }));
  test('of one seed has no deviation', () =>
    expect(confirmationsOf(spec(1), runs(2)).get(7)).toMatchObject({ mean: 2, spread: 0 }));
  test('does not count when a seed failed', () => expect(confirmationsOf(spec(3), runs(1, null, 3)).size).toBe(0));
  test('does not count while a seed is missing', () => expect(confirmationsOf(spec(3), runs(1, 2)).size).toBe(0));
  test('of more seeds than are asked for today counts', () =>
    expect(confirmationsOf(spec(2), runs(1, 2, 3)).get(7)?.mean).toBe(2));
  test('of more seeds than are asked for today needs them all the same', () =>
    expect(confirmationsOf(spec(2), runs(1, 2, null)).size).toBe(0));
});
