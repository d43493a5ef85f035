import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { choleskyInPlace, solveLower, solveUpper } from '../../../core/strategies/linear-algebra.ts';

/** A positive definite matrix of any size, odd ones too, as rows. */
const matrices = fc.integer({ min: 1, max: 9 }).chain((n) =>
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n }).map((B) =>
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => {
        let sum = i === j ? 0.5 : 0;
        for (let k = 0; k < n; k++) sum += B[i * n + k]! * B[j * n + k]!;
        return sum;
      }),
    ),
  ),
);

test('the factor times its transpose is the matrix, and the solutions solve its system', () => {
  fc.assert(
    fc.property(matrices, (A) => {
      const n = A.length;
      const L = Float64Array.from(A.flat());
      expect(choleskyInPlace(L, n)).toBe(true);
      const entry = (i: number, j: number) => (j <= i ? L[i * n + j]! : 0);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k < n; k++) sum += entry(i, k) * entry(j, k);
          expect(sum).toBeCloseTo(A[i]![j]!, 10);
        }
      const b = Float64Array.from({ length: n }, (_, k) => k + 1);
      const x = solveUpper(L, n, solveLower(L, n, b));
      for (let i = 0; i < n; i++) expect(A[i]!.reduce((sum, a, j) => sum + a * x[j]!, 0)).toBeCloseTo(i + 1, 8);
    }),
  );
});

test('a matrix that is not positive definite is refused', () => {
  expect(choleskyInPlace(Float64Array.from([1, 0, 0, 2, 1, 0, 0, 0, 1]), 3)).toBe(false);
});
