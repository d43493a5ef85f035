import { alone, difference, type Hyperparameters, type ModelSpace, matern, type Training } from './kernel.ts';
import { choleskyInPlace, solveLower } from './linear-algebra.ts';

/** Keeps Cholesky's factors real where points nearly coincide. */
export const JITTER = 1e-8;

/**
 * The prior, in the coordinates of the search: a logarithm of each length scale (about half the cube's diagonal), the
 * logit of the additive share (anything), the logarithm of the noise (about a hundredth of the signal).
 */
interface Prior {
  readonly centre: Float64Array;
  readonly spread: Float64Array;
}

function priorOf(dimensions: number): Prior {
  const centre = new Float64Array(dimensions + 2).fill(Math.log(0.5) + 0.5 * Math.log(dimensions));
  const spread = new Float64Array(dimensions + 2).fill(1);
  centre[dimensions] = 0;
  spread[dimensions] = 1.5;
  centre[dimensions + 1] = Math.log(0.01);
  spread[dimensions + 1] = 1.5;
  return { centre, spread };
}

function hyperparametersOf(theta: Float64Array): Hyperparameters {
  const n = theta.length - 2;
  return {
    lengths: theta.slice(0, n).map(Math.exp),
    additive: 1 / (1 + Math.exp(-theta[n]!)),
    noise: Math.exp(theta[n + 1]!),
  };
}

type Density = (theta: Float64Array) => number;

/**
 * The logarithm of the marginal likelihood of the training data, the signal's variance at its best value, plus the
 * prior's; -Infinity where it is undefined.
 */
function logPosterior({ unordered }: ModelSpace, { points, z, weight }: Training, prior: Prior): Density {
  const n = points.length;
  const dimensions = unordered.length;
  // A row a dimension: the squared differences of all pairs.
  const pairs = (n * (n - 1)) / 2;
  const differences = unordered.map((isUnordered, d) => {
    const row = new Float64Array(pairs);
    let pair = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) row[pair++] = difference(points[i]![d]!, points[j]![d]!, isUnordered);
    return row;
  });
  const squared = new Float64Array(pairs);
  const sum = new Float64Array(pairs);
  const factor = new Float64Array(n * n);
  return (theta) => {
    const { lengths, additive, noise } = hyperparametersOf(theta);
    squared.fill(0);
    sum.fill(0);
    for (let d = 0; d < dimensions; d++) {
      const inverse = 1 / (lengths[d]! * lengths[d]!);
      const row = differences[d]!;
      for (let pair = 0; pair < pairs; pair++) {
        const own = row[pair]! * inverse;
        squared[pair]! += own;
        sum[pair]! += alone(own, dimensions);
      }
    }
    for (let i = 0, pair = 0; i < n; i++) {
      for (let j = 0; j < i; j++, pair++)
        factor[i * n + j] = (1 - additive) * matern(squared[pair]!) + (additive * sum[pair]!) / dimensions;
      factor[i * n + i] = 1 + JITTER + noise * weight[i]!;
    }
    if (!choleskyInPlace(factor, n)) return Number.NEGATIVE_INFINITY;
    const whitened = solveLower(factor, n, z);
    let value = 0;
    for (const w of whitened) value += w * w;
    value = -0.5 * n * Math.log(value / n + 1e-12);
    for (let i = 0; i < n; i++) value -= Math.log(factor[i * n + i]!);
    for (let k = 0; k < theta.length; k++) value -= 0.5 * ((theta[k]! - prior.centre[k]!) / prior.spread[k]!) ** 2;
    return value;
  };
}

interface Place {
  readonly theta: Float64Array;
  readonly value: number;
}

/** How far apart the steps of the search are, in the logarithm; each pass goes over every hyperparameter. */
const STEPS = [0.8, 0.4, 0.2];

/** The most probable place: the best of some starts, then one coordinate at a time. */
function climb(density: Density, { centre }: Prior, starts: readonly Float64Array[]): Place {
  let best: Place = { theta: centre, value: density(centre) };
  const consider = (theta: Float64Array): boolean => {
    const value = density(theta);
    if (!(value > best.value)) return false;
    best = { theta, value };
    return true;
  };
  for (const start of starts) consider(centre.map((value, k) => value + start[k]!));
  for (const step of STEPS) {
    for (let k = 0; k < centre.length; k++) {
      for (const sign of [1, -1]) {
        const moved = () => best.theta.map((value, index) => (index === k ? value + sign * step : value));
        if (consider(moved())) {
          consider(moved());
          break;
        }
      }
    }
  }
  return best;
}

/**
 * Slice sampling, a coordinate at a time, without stepping out (R. M. Neal, "Slice Sampling", 2003): the interval of a
 * fixed width around the place shrinks to it until a point on the slice is found.
 */
function slide(density: Density, from: Place, uniform: () => number): Place {
  let place = from;
  for (let k = 0; k < from.theta.length; k++) {
    const level = place.value + Math.log(Math.max(uniform(), 2 ** -53));
    const here = place.theta[k]!;
    let low = here - WIDTH * uniform();
    let high = low + WIDTH;
    for (let tries = 0; tries < 8; tries++) {
      const there = low + uniform() * (high - low);
      const theta = place.theta.map((value, index) => (index === k ? there : value));
      const value = density(theta);
      if (value > level) {
        place = { theta, value };
        break;
      }
      if (there < here) low = there;
      else high = there;
    }
  }
  return place;
}

const WIDTH = 2;

export interface Randomness {
  /** Normal numbers, `n` a start. */
  normals(start: number, n: number): Float64Array;
  /** Uniform numbers in [0, 1). */
  uniform(): number;
}

/** Starts of the search for the most probable hyperparameters, beside the prior's centre. */
const STARTS = 2;

/**
 * The most probable hyperparameters first, then others drawn from their distribution: few results leave them open, and a
 * search that is sure of one set of them looks in one place.
 */
export function fitHyperparameters(
  space: ModelSpace,
  training: Training,
  samples: number,
  random: Randomness,
): Hyperparameters[] {
  const prior = priorOf(space.unordered.length);
  const density = logPosterior(space, training, prior);
  const starts = Array.from({ length: STARTS }, (_, start) => random.normals(start, prior.centre.length));
  const best = climb(density, prior, starts);
  const found = [best];
  for (let place = best; found.length < samples; found.push(place)) place = slide(density, place, random.uniform);
  return found.map(({ theta }) => hyperparametersOf(theta));
}
