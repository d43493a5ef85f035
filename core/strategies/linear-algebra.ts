/** Matrices are row by row in one array; of a symmetric one the lower triangle counts. */

/**
 * Replaces a symmetric matrix by its lower Cholesky factor; false where it is not positive definite.
 *
 * Two rows and two columns at a time: four sums that do not wait for each other, of numbers that are read once for two,
 * take well under half the time of one sum.
 */
export function choleskyInPlace(A: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i += 2) {
    const isPair = i + 1 < n;
    const top = i * n;
    const bottom = isPair ? top + n : top;
    for (let j = 0; j < i; j += 2) eliminate(A, n, top, bottom, j);
    if (!pivot(A, n, i)) return false;
    if (isPair && !pivot(A, n, i + 1)) return false;
  }
  return true;
}

/** Columns j and j + 1 of the factor in two rows that begin at `top` and `bottom`. */
function eliminate(A: Float64Array, n: number, top: number, bottom: number, j: number): void {
  const left = j * n;
  const right = left + n;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let k = 0; k < j; k++) {
    const x = A[top + k]!;
    const y = A[bottom + k]!;
    const u = A[left + k]!;
    const v = A[right + k]!;
    a += x * u;
    b += x * v;
    c += y * u;
    d += y * v;
  }
  const first = A[left + j]!;
  const below = A[right + j]!;
  const second = A[right + j + 1]!;
  const x = (A[top + j]! - a) / first;
  const y = (A[bottom + j]! - c) / first;
  A[top + j + 1] = (A[top + j + 1]! - b - x * below) / second;
  if (bottom !== top) A[bottom + j + 1] = (A[bottom + j + 1]! - d - y * below) / second;
  A[top + j] = x;
  A[bottom + j] = y;
}

/** The last entries of row i: to the left of the diagonal, in the block of two that it crosses, and on it. */
function pivot(A: Float64Array, n: number, i: number): boolean {
  const row = i * n;
  for (let j = i & ~1; j <= i; j++) {
    let rest = A[row + j]!;
    for (let k = 0; k < j; k++) rest -= A[row + k]! * A[j * n + k]!;
    if (j < i) A[row + j] = rest / A[j * n + j]!;
    else if (rest > 0) A[row + j] = Math.sqrt(rest);
    else return false;
  }
  return true;
}

/** x of L x = b, of the first b.length rows and columns of L, whose rows have n numbers. */
export function solveLower(L: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = new Float64Array(b.length);
  for (let i = 0; i < b.length; i++) {
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
