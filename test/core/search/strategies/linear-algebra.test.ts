import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { choleskyInPlace, solveLower, solveUpper } from '../../../../core/search/strategies/linear-algebra.ts';

/** B B' + I of any B: symmetric and positive definite. */
const matrices = fc.integer({ min: 1, max: 6 }).chain((n) =>
  fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: n * n, maxLength: n * n }).map((B) => ({
    n,
    A: Float64Array.from({ length: n * n }, (_, at) => product(B, n, Math.floor(at / n), at % n)),
  })),
);

const product = (B: readonly number[], n: number, i: number, j: number) =>
  Array.from({ length: n }, (_, k) => B[i * n + k]! * B[j * n + k]!).reduce((sum, x) => sum + x, i === j ? 1 : 0);

test('a system is solved by the factor and its transpose', () => {
  fc.assert(
    fc.property(matrices, fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 6 }), ({ n, A }, b) => {
      const L = A.slice();
      expect(choleskyInPlace(L, n)).toBe(true);
      const x = solveUpper(L, n, solveLower(L, n, Float64Array.from(b.slice(0, n))));
      for (let i = 0; i < n; i++) {
        const sum = x.reduce((total, value, k) => total + A[i * n + k]! * value, 0);
        expect(sum).toBeCloseTo(b[i]!, 6);
      }
    }),
  );
});

test('a matrix that is not positive definite is reported, a singular one and NaN too', () => {
  const matrix = (...entries: number[]) => choleskyInPlace(Float64Array.from(entries), 2);
  expect([matrix(1, 2, 2, 1), matrix(1, 1, 1, 1), matrix(Number.NaN, 0, 0, 1)]).toEqual([false, false, false]);
});

test('solving leaves the right-hand side as it was', () => {
  const b = Float64Array.from([2, 4]);
  solveUpper(Float64Array.from([1, 0, 1, 2]), 2, solveLower(Float64Array.from([1, 0, 1, 2]), 2, b));
  expect([...b]).toEqual([2, 4]);
});
