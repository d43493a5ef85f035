import { choleskyInPlace, solveLower, solveUpper } from './linear-algebra.ts';

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

export interface Hyperparameters {
  /** By dimension. */
  readonly lengths: Float64Array;
  /** The share, 0 to 1, of the signal's variance that is a sum of functions of one dimension each. */
  readonly additive: number;
  /** The noise's variance as a share of the signal's. */
  readonly noise: number;
}

const SQRT5 = Math.sqrt(5);
/** Keeps Cholesky's factors real where points nearly coincide. */
const JITTER = 1e-8;

/** Matern 5/2 over the squared distance (Rasmussen and Williams, Gaussian Processes for Machine Learning, eq. 4.17). */
function matern(squared: number): number {
  const r = SQRT5 * Math.sqrt(squared);
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

/**
 * The squared difference of two points in one dimension, before its length scale. Values of an unordered dimension are
 * equal or not; a dimension that is inactive in one of the points alone is as different as can be.
 */
function difference(a: number, b: number, unordered: boolean): number {
  if (a === b) return 0;
  const [noA, noB] = [Number.isNaN(a), Number.isNaN(b)];
  if (noA || noB) return noA === noB ? 0 : 1;
  return unordered ? 1 : (a - b) * (a - b);
}

/**
 * Length scales are of all dimensions together, where differences add up; of one alone they are shorter by the square
 * root of this many times the number of dimensions, so that a typical one (`typicalLength`) becomes 0.29.
 */
const SHORTER_ALONE = 3;

/** Of a dimension alone. @param scaled its squared difference by the square of its length scale among all together */
function maternAlone(scaled: number, dimensions: number): number {
  return scaled === 0 ? 1 : matern(SHORTER_ALONE * dimensions * scaled);
}

interface Kernel {
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
function bothViews({ inverse, additive }: Kernel, squared: number, alone: number): number {
  return (1 - additive) * matern(squared) + (additive * alone) / inverse.length;
}

/** The covariance of two points. */
function kernel(space: ModelSpace, own: Kernel, a: Float64Array, b: Float64Array): number {
  const { inverse } = own;
  const dimensions = inverse.length;
  let squared = 0;
  let alone = 0;
  for (let d = 0; d < dimensions; d++) {
    const scaled = difference(a[d]!, b[d]!, space.unordered[d]!) * inverse[d]!;
    squared += scaled;
    alone += maternAlone(scaled, dimensions);
  }
  return bothViews(own, squared, alone);
}

function kernelOf({ lengths, additive }: Hyperparameters): Kernel {
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
function factorise(covariance: Float64Array, { z, weight }: Training, noise: number): Factored | null {
  const n = z.length;
  for (let i = 0; i < n; i++) covariance[i * n + i] = 1 + JITTER + noise * weight[i]!;
  if (!choleskyInPlace(covariance, n)) return null;
  const whitened = solveLower(covariance, n, z);
  let quadratic = 0;
  for (const value of whitened) quadratic += value * value;
  return { factor: covariance, whitened, quadratic };
}

/** How many length scales of one dimension are remembered: the best so far, and those tried beside it. */
const REMEMBERED = 4;

/**
 * The covariances of training points for one set of hyperparameters after another, as `kernel` has them. The fit moves
 * one length scale at a time, so what each made of its dimension is kept: in 40 dimensions a proposal takes a third of
 * the time.
 */
class Covariances {
  readonly #n: number;
  /** By dimension the differences of every two points, row by row below the diagonal. */
  readonly #differences: readonly Float64Array[];
  readonly #alone: readonly Map<number, Float64Array>[];

  constructor({ unordered }: ModelSpace, points: readonly Float64Array[]) {
    this.#n = points.length;
    this.#differences = unordered.map((isUnordered, d) => {
      const differences = new Float64Array((this.#n * (this.#n - 1)) / 2);
      for (let i = 0, pair = 0; i < this.#n; i++)
        for (let j = 0; j < i; j++) differences[pair++] = difference(points[i]![d]!, points[j]![d]!, isUnordered);
      return differences;
    });
    this.#alone = unordered.map(() => new Map());
  }

  /** The lower triangle, without its diagonal. */
  at(hyperparameters: Hyperparameters): Float64Array {
    const own = kernelOf(hyperparameters);
    const pairs = this.#differences[0]?.length ?? 0;
    const squared = new Float64Array(pairs);
    const alone = new Float64Array(pairs);
    own.inverse.forEach((inverse, d) => {
      const [differences, ofDimension] = [this.#differences[d]!, this.#aloneIn(d, inverse)];
      for (let pair = 0; pair < pairs; pair++) {
        squared[pair]! += differences[pair]! * inverse;
        alone[pair]! += ofDimension[pair]!;
      }
    });
    const n = this.#n;
    const covariance = new Float64Array(n * n);
    for (let i = 0, pair = 0; i < n; i++)
      for (let j = 0; j < i; j++, pair++) covariance[i * n + j] = bothViews(own, squared[pair]!, alone[pair]!);
    return covariance;
  }

  #aloneIn(d: number, inverse: number): Float64Array {
    const known = this.#alone[d]!;
    let own = known.get(inverse);
    if (own === undefined) {
      const dimensions = this.#differences.length;
      own = this.#differences[d]!.map((difference) => maternAlone(difference * inverse, dimensions));
      if (known.size >= REMEMBERED) known.delete(known.keys().next().value!);
    } else known.delete(inverse);
    // The last used is the last forgotten.
    known.set(inverse, own);
    return own;
  }
}

/** The prior's centre, as logarithms. */
const typicalLength = (dimensions: number): number => Math.log(0.5) + 0.5 * Math.log(dimensions);
const TYPICAL_NOISE = Math.log(0.01);

/** A length a dimension, the noise and the additive share. */
export const numberOfHyperparameters = ({ unordered }: ModelSpace): number => unordered.length + 2;

/** From the numbers that the fit moves: logarithms of the lengths and of the noise, the logit of the additive share. */
function hyperparametersAt(theta: Float64Array): Hyperparameters {
  const dimensions = theta.length - 2;
  return {
    lengths: theta.slice(0, dimensions).map(Math.exp),
    noise: Math.exp(theta[dimensions]!),
    additive: 1 / (1 + Math.exp(-theta[dimensions + 1]!)),
  };
}

/**
 * The logarithm of the marginal likelihood of the training data, the signal's variance at its best value, plus a weak
 * prior: length scales of about half the cube's diagonal, noise of about a hundredth, an additive share of about a half.
 * -Infinity where it is undefined.
 */
function logPosterior(covariances: Covariances, training: Training, theta: Float64Array): number {
  const n = training.points.length;
  const dimensions = theta.length - 2;
  const hyperparameters = hyperparametersAt(theta);
  const factored = factorise(covariances.at(hyperparameters), training, hyperparameters.noise);
  if (factored === null) return Number.NEGATIVE_INFINITY;
  const { factor, quadratic } = factored;
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) logDeterminant += Math.log(factor[i * n + i]!);
  let prior = 0;
  for (let d = 0; d < dimensions; d++) prior -= 0.5 * (theta[d]! - typicalLength(dimensions)) ** 2;
  prior -= 0.5 * ((theta[dimensions]! - TYPICAL_NOISE) / 1.5) ** 2;
  prior -= 0.5 * (theta[dimensions + 1]! / 1.5) ** 2;
  return -0.5 * n * Math.log(quadratic / n + 1e-12) - logDeterminant + prior;
}

/** How far apart the steps of the search are, in the logarithm; each pass goes over every hyperparameter. */
const STEPS = [0.8, 0.4, 0.2];

/**
 * The most probable hyperparameters: the best of some starts, then one coordinate at a time. Without derivatives, which
 * at these sizes (200 points, a handful of dimensions) would save little.
 * @param normals of which each start takes as many as there are hyperparameters
 */
export function fitHyperparameters(space: ModelSpace, training: Training, normals: Float64Array): Hyperparameters {
  const dimensions = space.unordered.length;
  const count = numberOfHyperparameters(space);
  const centre = new Float64Array(count).fill(typicalLength(dimensions), 0, dimensions);
  centre[dimensions] = TYPICAL_NOISE;
  const covariances = new Covariances(space, training.points);
  let best: { readonly theta: Float64Array; readonly value: number } = {
    theta: centre,
    value: logPosterior(covariances, training, centre),
  };
  const consider = (theta: Float64Array): boolean => {
    const value = logPosterior(covariances, training, theta);
    if (!(value > best.value)) return false;
    best = { theta, value };
    return true;
  };
  for (let start = 0; (start + 1) * count <= normals.length; start++) {
    consider(centre.map((value, k) => value + normals[start * count + k]!));
  }
  for (const step of STEPS) {
    for (let k = 0; k < count; k++) {
      for (const sign of [1, -1]) {
        const moved = () => best.theta.map((value, index) => (index === k ? value + sign * step : value));
        if (consider(moved())) {
          consider(moved());
          break;
        }
      }
    }
  }
  return hyperparametersAt(best.theta);
}

/** The posterior's mean as a function of a point; null where the numbers do not allow it. */
export function posteriorMean(
  space: ModelSpace,
  training: Training,
  hyperparameters: Hyperparameters,
): ((point: Float64Array) => number) | null {
  const conditioned = condition(space, training, hyperparameters);
  if (conditioned === null) return null;
  const { own, alpha } = conditioned;
  return (point) => {
    let mean = 0;
    for (let i = 0; i < alpha.length; i++) mean += kernel(space, own, point, training.points[i]!) * alpha[i]!;
    return mean;
  };
}

interface Conditioned {
  readonly own: Kernel;
  /** The Cholesky factor of the training points' covariance. */
  readonly factor: Float64Array;
  readonly alpha: Float64Array;
  /** The signal's standard deviation. */
  readonly signal: number;
}

function condition(space: ModelSpace, training: Training, hyperparameters: Hyperparameters): Conditioned | null {
  const { points } = training;
  const n = points.length;
  const own = kernelOf(hyperparameters);
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) covariance[i * n + j] = kernel(space, own, points[i]!, points[j]!);
  const factored = factorise(covariance, training, hyperparameters.noise);
  if (factored === null) return null;
  const { factor, whitened, quadratic } = factored;
  return {
    own,
    factor,
    alpha: solveUpper(factor, n, whitened),
    signal: Math.sqrt(quadratic / n),
  };
}

/** The posterior over a set of candidates, from which functions are drawn. */
export interface Posterior {
  /** One function drawn from the posterior, at each candidate. @param normals as many as there are candidates */
  draw(normals: Float64Array): Float64Array;
}

/** The joint posterior at the candidates; null where the numbers do not allow it. */
export function posterior(
  space: ModelSpace,
  training: Training,
  hyperparameters: Hyperparameters,
  candidates: readonly Float64Array[],
): Posterior | null {
  const { points } = training;
  const n = points.length;
  const m = candidates.length;
  const conditioned = condition(space, training, hyperparameters);
  if (conditioned === null) return null;
  const { own, factor, alpha, signal } = conditioned;
  const mean = new Float64Array(m);
  // A row a candidate: its covariances with the training points, whitened.
  const V = new Float64Array(m * n);
  const row = new Float64Array(n);
  for (let c = 0; c < m; c++) {
    for (let i = 0; i < n; i++) {
      row[i] = kernel(space, own, candidates[c]!, points[i]!);
      mean[c]! += row[i]! * alpha[i]!;
    }
    V.set(solveLower(factor, n, row), c * n);
  }
  const C = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b <= a; b++) {
      let dot = 0;
      for (let i = 0, x = a * n, y = b * n; i < n; i++) dot += V[x + i]! * V[y + i]!;
      C[a * m + b] = kernel(space, own, candidates[a]!, candidates[b]!) - dot;
    }
    C[a * m + a]! += 1e-6;
  }
  if (!choleskyInPlace(C, m)) return null;
  return {
    draw(normals) {
      const drawn = new Float64Array(m);
      for (let a = 0; a < m; a++) {
        let sum = 0;
        for (let b = 0, x = a * m; b <= a; b++) sum += C[x + b]! * normals[b]!;
        drawn[a] = mean[a]! + signal * sum;
      }
      return drawn;
    },
  };
}
