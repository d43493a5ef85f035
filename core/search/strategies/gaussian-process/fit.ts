import {
  combinedKernel,
  difference,
  factorise,
  type Hyperparameters,
  kernelOf,
  type ModelSpace,
  maternAlone,
  type Training,
} from './kernel.ts';

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
  readonly #fine: readonly boolean[];

  constructor({ unordered, fine }: ModelSpace, points: readonly Float64Array[]) {
    this.#n = points.length;
    this.#fine = fine;
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
    const kernel = kernelOf(hyperparameters);
    const pairs = this.#differences[0]?.length ?? 0;
    const squared = new Float64Array(pairs);
    const alone = new Float64Array(pairs);
    kernel.inverse.forEach((inverse, d) => {
      const [differences, ofDimension] = [this.#differences[d]!, this.#aloneIn(d, inverse)];
      for (let pair = 0; pair < pairs; pair++) {
        squared[pair]! += differences[pair]! * inverse;
        alone[pair]! += ofDimension[pair]!;
      }
    });
    const n = this.#n;
    const covariance = new Float64Array(n * n);
    for (let i = 0, pair = 0; i < n; i++)
      for (let j = 0; j < i; j++, pair++) covariance[i * n + j] = combinedKernel(kernel, squared[pair]!, alone[pair]!);
    return covariance;
  }

  #aloneIn(d: number, inverse: number): Float64Array {
    const known = this.#alone[d]!;
    let covariances = known.get(inverse);
    if (covariances === undefined) {
      const dimensions = this.#differences.length;
      covariances = this.#differences[d]!.map((difference) =>
        maternAlone(difference * inverse, dimensions, this.#fine[d]!),
      );
      if (known.size >= REMEMBERED) known.delete(known.keys().next().value!);
    } else known.delete(inverse);
    // The last used is the last forgotten.
    known.set(inverse, covariances);
    return covariances;
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
