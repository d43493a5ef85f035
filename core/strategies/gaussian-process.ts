import { JITTER } from './hyperparameters.ts';
import { type Hyperparameters, type Kernel, kernelOf, type ModelSpace, type Training } from './kernel.ts';
import { choleskyInPlace, solveLower, solveUpper } from './linear-algebra.ts';

/** A Gaussian process conditioned on training data. */
export interface Model {
  readonly kernel: Kernel;
  readonly points: readonly Float64Array[];
  /** The Cholesky factor of the training points' covariance. */
  readonly factor: Float64Array;
  readonly alpha: Float64Array;
  /** The signal's standard deviation. */
  readonly signal: number;
}

/** Null where the numbers do not allow it. */
export function condition(space: ModelSpace, training: Training, hyperparameters: Hyperparameters): Model | null {
  const n = training.points.length;
  const kernel = kernelOf(space, hyperparameters);
  const factor = covariance(kernel, training.points, (i) => JITTER + hyperparameters.noise * training.weight[i]!);
  if (!choleskyInPlace(factor, n)) return null;
  const whitened = solveLower(factor, n, training.z);
  return {
    kernel,
    points: training.points,
    factor,
    alpha: solveUpper(factor, n, whitened),
    signal: signalOf(whitened),
  };
}

/** The lower triangle. */
function covariance(kernel: Kernel, points: readonly Float64Array[], noise: (index: number) => number): Float64Array {
  const n = points.length;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) matrix[i * n + j] = kernel(points[i]!, points[j]!);
    matrix[i * n + i] = 1 + noise(i);
  }
  return matrix;
}

/** Where the marginal likelihood is highest, given the other hyperparameters. */
function signalOf(whitened: Float64Array): number {
  let quadratic = 0;
  for (const value of whitened) quadratic += value * value;
  return Math.sqrt(quadratic / whitened.length);
}

/** The posterior's mean at a point. */
export function meanAt({ kernel, points, alpha }: Model, point: Float64Array): number {
  let mean = 0;
  for (let i = 0; i < alpha.length; i++) mean += kernel(point, points[i]!) * alpha[i]!;
  return mean;
}

/** The posterior's mean and standard deviation at a point, the noise left out. */
export function marginalAt(model: Model, point: Float64Array): { readonly mean: number; readonly deviation: number } {
  const { kernel, points, factor, alpha, signal } = model;
  const n = points.length;
  const row = new Float64Array(n);
  let mean = 0;
  for (let i = 0; i < n; i++) {
    row[i] = kernel(point, points[i]!);
    mean += row[i]! * alpha[i]!;
  }
  let explained = 0;
  for (const value of solveLower(factor, n, row)) explained += value * value;
  return { mean, deviation: signal * Math.sqrt(Math.max(0, 1 - explained)) };
}

/** What is added to the variance of points that functions are drawn at, until the numbers allow it. */
const RIDGES = [1e-9, 1e-7, 1e-5];

/**
 * Functions drawn from the joint posterior, each as its values at some points; null where the numbers do not allow it.
 *
 * Of the Cholesky factor of the joint covariance of training points and those, the lower left block holds the
 * covariances with the training points, whitened, and the lower right one is the posterior covariance's own factor.
 * @param normals of each function as many as there are points
 */
export function functionsAt(
  space: ModelSpace,
  training: Training,
  hyperparameters: Hyperparameters,
  at: readonly Float64Array[],
  normals: readonly Float64Array[],
): Float64Array[] | null {
  const n = training.points.length;
  const size = n + at.length;
  const kernel = kernelOf(space, hyperparameters);
  const all = [...training.points, ...at];
  for (const ridge of RIDGES) {
    const factor = covariance(kernel, all, (i) =>
      i < n ? JITTER + hyperparameters.noise * training.weight[i]! : ridge,
    );
    if (!choleskyInPlace(factor, size)) continue;
    const whitened = solveLower(factor, size, training.z);
    const signal = signalOf(whitened);
    // A function's values are the lower rows' product with the scores, whitened, and with the normal numbers.
    const columns = normals.map((numbers) => {
      const column = new Float64Array(size);
      column.set(whitened);
      for (let c = 0; c < at.length; c++) column[n + c] = signal * numbers[c]!;
      return column;
    });
    return products(factor, size, n, columns);
  }
  return null;
}

/** Rows from `first` on of a lower triangular matrix times each column, two columns at a time. */
function products(L: Float64Array, size: number, first: number, columns: readonly Float64Array[]): Float64Array[] {
  const found = columns.map(() => new Float64Array(size - first));
  for (let place = 0; place < columns.length; place += 2) {
    const other = Math.min(place + 1, columns.length - 1);
    const left = columns[place]!;
    const right = columns[other]!;
    for (let i = first; i < size; i++) {
      const row = i * size;
      let a = 0;
      let b = 0;
      for (let k = 0; k <= i; k++) {
        const value = L[row + k]!;
        a += value * left[k]!;
        b += value * right[k]!;
      }
      found[place]![i - first] = a;
      found[other]![i - first] = b;
    }
  }
  return found;
}
