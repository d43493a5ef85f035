import { describe, expect, test } from 'vitest';
import { sobolDigits, sobolPoints } from '../../../../core/search/strategies/sobol.ts';

function take<Item>(stream: Iterable<Iterable<number>>, n: number, map: (point: number[]) => Item): Item[] {
  const items: Item[] = [];
  for (const point of stream) {
    if (items.push(map([...point])) === n) break;
  }
  return items;
}

const plain = (n: number, dimensions: number) =>
  take(sobolDigits(dimensions), n, (point) => point.map((d) => d / 2 ** 32));
const scrambled = (n: number, dimensions: number, seed: number) =>
  take(sobolPoints(dimensions, seed), n, (point) => point);

/** Whether the first 2^m points put exactly one into each interval of length 2^-m, in every dimension. */
function balanced(points: readonly number[][], dimensions: number): boolean {
  return Array.from({ length: dimensions }, (_, d) => d).every(
    (d) => new Set(points.map((point) => Math.floor(point[d]! * points.length))).size === points.length,
  );
}

describe('the plain Sobol sequence', () => {
  test('starts as SciPy 1.17.1 prints it', () => {
    expect(plain(8, 6)).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25, 0.75, 0.75],
      [0.25, 0.75, 0.75, 0.75, 0.25, 0.25],
      [0.375, 0.375, 0.625, 0.875, 0.375, 0.125],
      [0.875, 0.875, 0.125, 0.375, 0.875, 0.625],
      [0.625, 0.125, 0.875, 0.625, 0.625, 0.875],
      [0.125, 0.625, 0.375, 0.125, 0.125, 0.375],
    ]);
  });

  test('agrees with SciPy 1.17.1 in all 128 dimensions at point 1,000', () => {
    expect(take(sobolDigits(128), 1001, (point) => point.map((digits) => digits / 2 ** 22))[1000]).toEqual(POINT_1000);
  });

  test.each([1, 4, 10])('hits every dyadic interval once in its first 2^%i points, in 128 dimensions', (m) => {
    expect(balanced(plain(2 ** m, 128), 128)).toBe(true);
  });
});

describe('the scrambled sequence', () => {
  test.each([0, 1, 4_294_967_295])('hits every dyadic interval once in prefixes of 2^m points, seed %i', (seed) => {
    for (const m of [1, 2, 5, 9]) expect(balanced(scrambled(2 ** m, 128, seed), 128)).toBe(true);
  });

  test('keeps the balance of two dimensions together: one point in each of 256 boxes of every shape', () => {
    const points = scrambled(256, 2, 5);
    for (let bits = 0; bits <= 8; bits++) {
      const boxes = points.map(([x, y]) => `${Math.floor(x! * 2 ** bits)} ${Math.floor(y! * 2 ** (8 - bits))}`);
      expect(new Set(boxes).size).toBe(256);
    }
  });

  test('differs by seed and repeats by seed', () => {
    expect(scrambled(8, 3, 1)).toEqual(scrambled(8, 3, 1));
    expect(scrambled(8, 3, 1)).not.toEqual(scrambled(8, 3, 2));
  });

  test('scrambles each dimension on its own', () => {
    const [first] = scrambled(1, 128, 0);
    expect(new Set(first).size).toBe(128);
  });

  test('makes each point uniform by itself over the seeds', () => {
    const third = Array.from({ length: 2000 }, (_, seed) => scrambled(3, 1, seed)[2]![0]!);
    const mean = third.reduce((sum, x) => sum + x, 0) / 2000;
    const variance = third.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 2000;
    expect(mean).toBeCloseTo(1 / 2, 1.5);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  test('goes on with seeded draws beyond the table', () => {
    const points = scrambled(64, 130, 3);
    expect(points).toEqual(scrambled(64, 130, 3));
    expect(new Set(points.map((point) => point[129])).size).toBe(64);
    expect(points.every((point) => point.every((u) => u >= 0 && u < 1))).toBe(true);
  });
});

/** In units of 2^-10: scipy.stats.qmc.Sobol(128, scramble=False).random(1024)[1000] * 1024. */
const POINT_1000 = [
  225, 99, 531, 693, 287, 929, 47, 921, 513, 71, 87, 261, 165, 393, 147, 379, 737, 353, 1015, 743, 535, 563, 973, 553,
  597, 929, 41, 1003, 61, 349, 151, 149, 303, 607, 821, 789, 869, 851, 315, 491, 935, 261, 983, 719, 861, 95, 893, 941,
  1023, 491, 361, 529, 771, 449, 129, 913, 465, 81, 905, 585, 457, 617, 265, 457, 133, 509, 573, 61, 197, 877, 157, 261,
  933, 245, 189, 917, 543, 547, 867, 123, 111, 755, 951, 767, 351, 1007, 963, 491, 599, 723, 787, 547, 7, 615, 375, 887,
  247, 783, 835, 191, 787, 555, 903, 567, 791, 65, 773, 693, 201, 105, 991, 815, 963, 629, 97, 885, 135, 163, 37, 621,
  261, 795, 509, 563, 465, 691, 173, 557,
];
