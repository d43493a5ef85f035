import { choleskyInPlace, solveLower } from '../linear-algebra.ts';

/**
 * Points as the model sees them: a coordinate a dimension, NaN where the dimension is inactive. Of an unordered
 * dimension the coordinate only tells values apart.
 */
export interface ModelSpace {
  readonly unordered: readonly boolean[];
  /** Ordered, and of so many values that what each does alone may have edges that few of them show. */
  readonly fine: readonly boolean[];
}

/** What the observations are: z is standardised, larger is better; `weight` multiplies an observation's noise. */
export interface Training {
  readonly points: readonly Float64Array[];
  readonly z: Float64Array;
  readonly weight: Float64Array;
}

export interface Hyperparameters {
  /** By dimension. */
  readonly lengths: Float64Array;
  /** The share, 0 to 1, of the signal's variance that is a sum of functions of one dimension each. */
  readonly additive: number;
  /** The noise's variance as a share of the signal's. */
  readonly noise: number;
}

const SQRT3 = Math.sqrt(3);
const SQRT5 = Math.sqrt(5);
/** Keeps Cholesky's factors real where points nearly coincide. */
const JITTER = 1e-8;

/** Matern 5/2 over the squared distance (Rasmussen and Williams, Gaussian Processes for Machine Learning, eq. 4.17). */
function matern(squared: number): number {
  const r = SQRT5 * Math.sqrt(squared);
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

/** Matern 3/2, which is rougher (the same, eq. 4.17). */
function roughMatern(squared: number): number {
  const r = SQRT3 * Math.sqrt(squared);
  return (1 + r) * Math.exp(-r);
}

/**
 * The squared difference of two points in one dimension, before its length scale. Values of an unordered dimension are
 * equal or not. A dimension that is inactive in one of the points alone is about as different as can be: the place of what
 * is inactive is the third corner of an equilateral triangle whose other two are the ends of the range. A place equally far
 * from every value of a range does not exist, and the kernel would not be one.
 */
export function difference(a: number, b: number, unordered: boolean): number {
  if (a === b) return 0;
  const [noA, noB] = [Number.isNaN(a), Number.isNaN(b)];
  if (noA && noB) return 0;
  if (unordered) return 1;
  if (noA || noB) return ((noA ? b : a) - 0.5) ** 2 + 0.75;
  return (a - b) * (a - b);
}

/**
 * Length scales are of all dimensions together, where differences add up; of one alone they are shorter by the square
 * root of this many times the number of dimensions, so that a typical one (`typicalLength`) becomes 0.29.
 */
const SHORTER_ALONE = 3;

/**
 * Of a dimension alone; of a fine one it is rougher than of all together: trainings have steps and bends along one range, such
 * as where a learning rate diverges.
 * @param scaled its squared difference by the square of its length scale among all together
 */
export function maternAlone(scaled: number, dimensions: number, isFine: boolean): number {
  if (scaled === 0) return 1;
  return (isFine ? roughMatern : matern)(SHORTER_ALONE * dimensions * scaled);
}

export interface Kernel {
  /** Of the squares of the length scales. */
  readonly inverse: Float64Array;
  readonly additive: number;
}

/**
 * Two views in one: a Matern over all dimensions together, which tells of points that are near in every one, and the
 * mean of one Matern a dimension, which tells of each value whatever the others are. From a round or two in many
 * dimensions the second is most of what can be learnt (D. Duvenaud et al., "Additive Gaussian Processes", NeurIPS 2011).
 * @param squared the scaled squared differences of two points, summed over the dimensions
 * @param alone `maternAlone` of each, summed
 */
export function combinedKernel({ inverse, additive }: Kernel, squared: number, alone: number): number {
  return (1 - additive) * matern(squared) + (additive * alone) / inverse.length;
}

/** The covariance of two points. */
export function covarianceOf(space: ModelSpace, kernel: Kernel, a: Float64Array, b: Float64Array): number {
  const { inverse } = kernel;
  const dimensions = inverse.length;
  let squared = 0;
  let alone = 0;
  for (let d = 0; d < dimensions; d++) {
    const scaled = difference(a[d]!, b[d]!, space.unordered[d]!) * inverse[d]!;
    squared += scaled;
    alone += maternAlone(scaled, dimensions, space.fine[d]!);
  }
  return combinedKernel(kernel, squared, alone);
}

export function kernelOf({ lengths, additive }: Hyperparameters): Kernel {
  return { inverse: lengths.map((length) => 1 / (length * length)), additive };
}

interface Factored {
  /** The Cholesky factor of the training points' covariance, and the scores whitened by it. */
  readonly factor: Float64Array;
  readonly whitened: Float64Array;
  /** The whitened scores' sum of squares. */
  readonly quadratic: number;
}

/**
 * Null where the numbers do not allow it.
 * @param covariance of the training points without noise, the lower triangle; it becomes the factor
 */
export function factorise(covariance: Float64Array, { z, weight }: Training, noise: number): Factored | null {
  const n = z.length;
  for (let i = 0; i < n; i++) covariance[i * n + i] = 1 + JITTER + noise * weight[i]!;
  if (!choleskyInPlace(covariance, n)) return null;
  const whitened = solveLower(covariance, n, z);
  let quadratic = 0;
  for (const value of whitened) quadratic += value * value;
  return { factor: covariance, whitened, quadratic };
}
