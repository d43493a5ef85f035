/**
 * Points as the model sees them: a coordinate a dimension, NaN where the dimension is inactive. Of an unordered
 * dimension the coordinate only tells values apart.
 */
export interface ModelSpace {
  readonly unordered: readonly boolean[];
}

/** What the observations are: z is standardised, larger is better; `weight` multiplies an observation's noise. */
export interface Training {
  readonly points: readonly Float64Array[];
  readonly z: Float64Array;
  readonly weight: Float64Array;
}

/** Length scales by dimension, the share of the additive part, and the noise's variance as a share of the signal's. */
export interface Hyperparameters {
  readonly lengths: Float64Array;
  readonly additive: number;
  readonly noise: number;
}

/** The covariance of two points, the signal's variance being 1. */
export type Kernel = (a: Float64Array, b: Float64Array) => number;

const SQRT5 = Math.sqrt(5);

/** Matern 5/2 over the squared distance (Rasmussen and Williams, Gaussian Processes for Machine Learning, eq. 4.17). */
export function matern(squared: number): number {
  const r = SQRT5 * Math.sqrt(squared);
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

/**
 * The squared difference of two points in one dimension, before its length scale. Values of an unordered dimension are
 * equal or not; a dimension that is inactive in one of the points alone is as different as can be.
 */
export function difference(a: number, b: number, unordered: boolean): number {
  if (a === b) return 0;
  const [noA, noB] = [Number.isNaN(a), Number.isNaN(b)];
  if (noA || noB) return noA === noB ? 0 : 1;
  return unordered ? 1 : (a - b) * (a - b);
}

/**
 * A Matern 5/2 of all dimensions together, and a sum of one function of each: few trials in many dimensions tell what
 * each parameter does alone long before they tell how all of them act together. The sum's kernels are rational
 * quadratic with exponent 1 (ibid., eq. 4.19), which costs no exponential.
 */
export function kernelOf({ unordered }: ModelSpace, { lengths, additive }: Hyperparameters): Kernel {
  const n = lengths.length;
  const inverse = lengths.map((length) => 1 / (length * length));
  return (a, b) => {
    let squared = 0;
    let sum = 0;
    for (let d = 0; d < n; d++) {
      const own = difference(a[d]!, b[d]!, unordered[d]!) * inverse[d]!;
      squared += own;
      sum += alone(own, n);
    }
    return (1 - additive) * matern(squared) + (additive * sum) / n;
  };
}

/** One dimension's part of the sum: its own length scale is the joint one less the growth of distances with dimensions. */
export function alone(squared: number, dimensions: number): number {
  return 1 / (1 + 0.5 * dimensions * squared);
}
