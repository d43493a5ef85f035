/** Matrices are row by row in one array; of a symmetric one the lower triangle counts. */

/** Replaces a symmetric matrix by its lower Cholesky factor; false where it is not positive definite. */
export function choleskyInPlace(A: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const ri = i * n;
    for (let j = 0; j < i; j++) {
      const rj = j * n;
      let sum = A[ri + j]!;
      for (let k = 0; k < j; k++) sum -= A[ri + k]! * A[rj + k]!;
      A[ri + j] = sum / A[rj + j]!;
    }
    let sum = A[ri + i]!;
    for (let k = 0; k < i; k++) sum -= A[ri + k]! * A[ri + k]!;
    if (!(sum > 0)) return false;
    A[ri + i] = Math.sqrt(sum);
  }
  return true;
}

/** x of L x = b. */
export function solveLower(L: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0, row = i * n; k < i; k++) sum -= L[row + k]! * x[k]!;
    x[i] = sum / L[i * n + i]!;
  }
  return x;
}

/** x of the transposed L, L' x = b. */
export function solveUpper(L: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = n - 1; i >= 0; i--) {
    x[i]! /= L[i * n + i]!;
    for (let k = 0, row = i * n; k < i; k++) x[k]! -= L[row + k]! * x[i]!;
  }
  return x;
}
