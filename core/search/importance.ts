import type { Json } from '../base/json.ts';
import { uniforms } from '../base/random.ts';
import { buildSpace, type Parameters, pointFrom, type Space } from '../space/space.ts';
import type { Goal } from '../spec/goal.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialRecord } from '../trial/record.ts';
import { judgedBudget } from './judged-budget.ts';
import { observationsOf } from './observations.ts';
import type { Training } from './strategies/gaussian-process/kernel.ts';
import { noiseOf, posteriorMean } from './strategies/gaussian-process/posterior.ts';
import { sobolPoints } from './strategies/sobol.ts';
import { coordinatesOf, fitted, MAX_TRAINING, modelSpaceOf, subset, trainingSetOf } from './strategies/training-set.ts';

/** How much of the objective's variation each parameter has a part in, by name, the largest first; they add up to 1. */
export type Importance = Readonly<Record<string, number>>;

/** Where a parameter is better: towards an end of its range, near a value inside, at one of a list; or no one place is. */
export type Direction =
  | { readonly better: 'higher' | 'lower' }
  | { readonly better: 'near' | 'at'; readonly value: Json }
  /** Where it is best depends on the other parameters. */
  | { readonly better: 'depends' };

/** What the importance rests on, and how far it can be trusted. */
export interface ImportanceBasis {
  /** The budget of the results; those of other budgets do not compare. */
  readonly epochs: number;
  readonly results: number;
  /** How much of the variation the model foretells in results that it was not shown, 0 to 1. */
  readonly explained: number;
  /** What the same point's objective differs by from run to run, as far as the model can tell: a standard deviation. */
  readonly noise: number | null;
  /** By name, the standard error of the share. */
  readonly margins: Readonly<Record<string, number>>;
  /** By name; none where the objective does not change along the parameter. */
  readonly directions: Readonly<Record<string, Direction>>;
}

export interface ImportanceFinding {
  readonly shares: Importance;
  readonly basis: ImportanceBasis;
}

/** Fewer results tell nothing that can be trusted. */
const MIN_RESULTS = 10;
const MIN_PER_DIMENSION = 2;
/** Larger sweeps are read by an even share of their trials. */
const MAX_RESULTS = 2_000;
/** Points at which the model is asked; the error of a share is about 1 / sqrt of it. */
const BASE_POINTS = 256;
/** The same for a margin, which may be rougher. */
const MARGIN_POINTS = 64;
/** How often a part of the results is left out, each time another. */
const GROUPS = 5;

type Model = (coordinates: Float64Array) => number;

/**
 * The total-effect Sobol index of each parameter on the mean of the Gaussian process that `bayesian` fits, normalised:
 * M. J. W. Jansen, "Analysis of variance designs for model output" (1999), evaluated at scrambled Sobol points of the
 * space. It counts interactions, as fANOVA's total does; it says nothing of regions that no trial has seen. Its margin
 * is the jackknife's (B. Efron, 1982) over fifths of the results.
 * @param records every training of the search, at every budget
 * @returns null while there are too few results, or nothing tells them apart
 */
export function importanceOf(spec: Spec, records: readonly TrialRecord[]): ImportanceFinding | null {
  const space = buildSpace(spec.search.space);
  const names = space.dimensions.map(({ name }) => name);
  const judged = judgedBudget(space, records, Math.max(MIN_RESULTS, MIN_PER_DIMENSION * names.length));
  if (judged === null) return null;
  const { epochs, records: succeeded } = judged;
  const stride = Math.max(1, Math.ceil(succeeded.length / MAX_RESULTS));
  const sample = succeeded.toSorted((a, b) => a.trial - b.trial).filter((_, index) => index % stride === 0);
  const { seed } = spec.search;
  const whole = trainingSetOf(space, observationsOf(sample), spec.objective.goal);
  if (whole === null) return null;
  // Shares of the variation come from a smooth mean; that ranges have edges helps to find the best, not to tell what matters.
  const model = { ...modelSpaceOf(space), fine: names.map(() => false) };
  const training = subset(whole, MAX_TRAINING);
  const hyperparameters = fitted(model, whole, seed, 'importance');
  const meanOf = (some: Training) => posteriorMean(model, some, hyperparameters);
  const mean = meanOf(training);
  const shares = mean === null ? null : sharesOf(space, mean, seed, BASE_POINTS);
  if (mean === null || shares === null) return null;
  const order = names.map((_, d) => d).sort((a, b) => shares[b]! - shares[a]!);
  const byName = <T>(of: (d: number) => T | undefined): Record<string, T> =>
    Object.fromEntries(
      order.flatMap((d): [string, T][] => {
        const value = of(d);
        return value === undefined ? [] : [[names[d]!, value]];
      }),
    );
  const { margins, explained } = jackknife(training, meanOf, (part) => sharesOf(space, part, seed, MARGIN_POINTS));
  return {
    shares: byName((d) => thousandths(shares[d]!)),
    basis: {
      epochs,
      results: succeeded.length,
      explained: thousandths(explained),
      noise: inUnits(
        noiseOf(model, training, hyperparameters),
        sample.map(({ value }) => value!),
        spec.objective.goal,
        whole.z,
      ),
      margins: byName((d) => thousandths(margins[d] ?? 0)),
      directions: byName((d) => directionOf(space, d, mean, seed)),
    },
  };
}

const thousandths = (share: number): number => Math.round(share * 1000) / 1000;

/** From the model's scale to the objective's, by what a step in the one is worth in the other from the median to the best. */
function inUnits(noise: number | null, values: readonly number[], goal: Goal, z: Float64Array): number | null {
  const sorted = values.toSorted(goal === 'maximize' ? (a, b) => a - b : (a, b) => b - a);
  const scores = z.toSorted();
  const middle = scores.length >> 1;
  const step = scores.at(-1)! - scores[middle]!;
  if (noise === null || !(step > 0)) return null;
  return Number(((noise * Math.abs(sorted.at(-1)! - sorted[sorted.length >> 1]!)) / step).toPrecision(3));
}

/** By dimension; null where the model is the same everywhere. */
function sharesOf(space: Space, model: Model, seed: number, points: number): Float64Array | null {
  const dimensions = space.dimensions.length;
  const effects = new Float64Array(dimensions);
  const at = (unit: Float64Array) => model(coordinatesOf(space, pointFrom(space, unit)));
  basePoints(space, seed, points).forEach((base, index) => {
    const value = at(base);
    const others = uniforms(seed, 'importance', index, dimensions);
    for (let d = 0; d < dimensions; d++) effects[d]! += (value - at(base.with(d, others[d]!))) ** 2;
  });
  const total = effects.reduce((sum, effect) => sum + effect, 0);
  return total > 0 ? effects.map((effect) => effect / total) : null;
}

function basePoints(space: Space, seed: number, count: number): Float64Array[] {
  const points: Float64Array[] = [];
  for (const unit of sobolPoints(space.dimensions.length, seed)) {
    if (points.length === count) break;
    points.push(Float64Array.from(unit));
  }
  return points;
}

/** What becomes of the shares when a part of the results is left out, and how well the rest foretells that part. */
function jackknife(
  { points, z, weight }: Training,
  meanOf: (training: Training) => Model | null,
  shares: (model: Model) => Float64Array | null,
): { readonly margins: Float64Array; readonly explained: number } {
  const found: Float64Array[] = [];
  const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
  let [missed, spread] = [0, 0];
  for (let group = 0; group < GROUPS; group++) {
    const kept = points.map((_, index) => index).filter((index) => index % GROUPS !== group);
    const model = meanOf({
      points: kept.map((index) => points[index]!),
      z: Float64Array.from(kept, (index) => z[index]!),
      weight: Float64Array.from(kept, (index) => weight[index]!),
    });
    if (model === null) continue;
    for (let index = group; index < points.length; index += GROUPS) {
      missed += (z[index]! - model(points[index]!)) ** 2;
      spread += (z[index]! - mean) ** 2;
    }
    const part = shares(model);
    if (part !== null) found.push(part);
  }
  const k = found.length;
  const margins = new Float64Array(found[0]?.length ?? 0).map((_, d) => {
    const middle = found.reduce((sum, part) => sum + part[d]!, 0) / k;
    return Math.sqrt(((k - 1) / k) * found.reduce((sum, part) => sum + (part[d]! - middle) ** 2, 0));
  });
  return { margins, explained: spread === 0 ? 0 : Math.min(1, Math.max(0, 1 - missed / spread)) };
}

/** Where along a range the model is asked; of a list at each of so many values at most. */
const STEPS = 9;
const MAX_CHOICES = 100;
const DIRECTION_POINTS = 48;
/** An end is the best, or the worst, where it comes so near: as a share of the way from the worst to the best. */
const NEAR_END = 0.15;
/** What the best place on average costs, as a share of all that the parameter could, where it is not the best of most points. */
const MOST_REGRET = 0.25;

/**
 * Where the model is highest along one parameter, the others averaged out; undefined where it is flat. A learning rate
 * between that of one optimizer and that of another may be the best on average, and good for neither.
 */
function directionOf(space: Space, d: number, model: Model, seed: number): Direction | undefined {
  const { name, ordered, count } = space.dimensions[d]!;
  const isList = !ordered || count <= STEPS;
  const steps = isList ? Math.min(count, MAX_CHOICES) : STEPS;
  const bases = basePoints(space, seed, DIRECTION_POINTS);
  const profile = Array.from({ length: steps }, (_, k) => {
    const all = bases.map((base): { value: Json; z: number } | null => {
      const parameters: Parameters = pointFrom(space, base.with(d, (k + 0.5) / steps));
      const value = parameters[name];
      return value === undefined ? null : { value, z: model(coordinatesOf(space, parameters)) };
    });
    const seen = all.filter((one) => one !== null);
    return seen.length === 0
      ? null
      : { all, value: seen[0]!.value, z: seen.reduce((sum, { z }) => sum + z, 0) / seen.length };
  }).filter((step) => step !== null);
  if (profile.length < 2) return undefined;
  const levels = profile.map(({ z }) => z);
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  if (!(most - least > 1e-9)) return undefined;
  const place = levels.indexOf(most);
  const byBase = bases.map((_, index) => profile.map(({ all }) => all[index]?.z ?? null));
  if (regretOf(byBase, place) > MOST_REGRET) return { better: 'depends' };
  const best = profile[place]!.value;
  const height = (z: number) => (z - least) / (most - least);
  const [first, last] = [height(levels[0]!), height(levels.at(-1)!)];
  if (ordered && typeof best === 'number') {
    if (last >= 1 - NEAR_END && first <= NEAR_END) return { better: 'higher' };
    if (first >= 1 - NEAR_END && last <= NEAR_END) return { better: 'lower' };
  }
  return { better: isList ? 'at' : 'near', value: best };
}

/** What one place costs against the best place of each point, as a share of the way from their worst to their best. */
function regretOf(byPoint: readonly (readonly (number | null)[])[], place: number): number {
  let [lost, span] = [0, 0];
  for (const levels of byPoint) {
    const known = levels.filter((level) => level !== null);
    const here = levels[place] ?? null;
    if (here === null || known.length < 2) continue;
    const most = Math.max(...known);
    lost += most - here;
    span += most - Math.min(...known);
  }
  return span === 0 ? 0 : lost / span;
}
