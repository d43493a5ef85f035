import { uniforms } from '../../base/random.ts';
import { contains, type Parameters, pointKey, type Space, unitFrom } from '../../space/space.ts';
import type { Goal } from '../../spec/goal.ts';
import { fitHyperparameters, numberOfHyperparameters } from './gaussian-process/fit.ts';
import type { Hyperparameters, ModelSpace, Training } from './gaussian-process/kernel.ts';
import { isFine } from './peaks.ts';
import { normalScore, scoresOf } from './scores.ts';
import type { Observation } from './strategy.ts';

/** Results that the model is conditioned on, and of those how many its hyperparameters are fitted to. */
export const MAX_TRAINING = 400;
const MAX_FITTED = 160;
/** A failed trial's score is a guess, so the model trusts it less than a measured one. */
const FAILED_WEIGHT = 4;
/** Another sweep's results are of other data or code: a hint. */
const WARM_WEIGHT = 3;

interface Result extends Observation {
  readonly key: string;
  readonly value: number | null;
}

/** Finished trials in an order that the points alone decide, those of each earlier sweep apart, the sweep's own first. */
function resultsOf(space: Space, history: readonly Observation[]): Result[][] {
  const groups = new Map<string, Result[]>();
  for (const observation of history) {
    const { value, parameters, source = '' } = observation;
    if (value === undefined || !contains(space, parameters).ok) continue;
    const group = groups.get(source) ?? [];
    group.push({ ...observation, value, key: pointKey(parameters) });
    groups.set(source, group);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, results]) =>
      results.sort((a, b) =>
        a.key === b.key
          ? (a.value ?? Number.NEGATIVE_INFINITY) - (b.value ?? Number.NEGATIVE_INFINITY)
          : a.key < b.key
            ? -1
            : 1,
      ),
    );
}

/**
 * Those of one budget, the largest that has enough of them: values of different budgets do not compare. The rule of
 * BOHB (S. Falkner et al., ICML 2018). Null when no budget has enough.
 */
function comparable(results: readonly Result[], enough: number): readonly Result[] | null {
  const budgets = [...new Set(results.map(({ epochs }) => epochs))].sort((a, b) => b - a);
  for (const budget of budgets) {
    const atBudget = results.filter(({ epochs }) => epochs === budget);
    if (atBudget.filter(({ value }) => value !== null).length >= enough) return atBudget;
  }
  return null;
}

/** By result, larger being better; null when nothing tells them apart. */
type Scores = (values: readonly (number | null)[], goal: Goal) => Float64Array | null;

/** Null while there is too little to learn from, or nothing tells the results apart. */
export function trainingSetOf(
  space: Space,
  history: readonly Observation[],
  goal: Goal,
  scored: Scores = scoresOf,
): Training | null {
  const points: Float64Array[] = [];
  const z: number[] = [];
  const weight: number[] = [];
  for (const group of resultsOf(space, history)) {
    const results = comparable(group, space.dimensions.length + 2);
    const scores =
      results === null
        ? null
        : scored(
            results.map(({ value }) => value),
            goal,
          );
    if (results === null || scores === null) continue;
    results.forEach(({ parameters, value, source }, index) => {
      points.push(coordinatesOf(space, parameters));
      z.push(scores[index]!);
      weight.push((value === null ? FAILED_WEIGHT : 1) * (source === undefined ? 1 : WARM_WEIGHT));
    });
  }
  return points.length === 0 ? null : { points, z: Float64Array.from(z), weight: Float64Array.from(weight) };
}

/** The best half of `size`, and of the rest an even share: what is good must be known closely, the rest roughly. */
export function subset(training: Training, size: number): Training {
  const { points, z, weight } = training;
  if (points.length <= size) return training;
  const ranked = [...points.keys()].sort((a, b) => z[b]! - z[a]! || a - b);
  const half = size >> 1;
  const rest = ranked.slice(half).sort((a, b) => a - b);
  const stride = rest.length / (size - half);
  const chosen = [
    ...ranked.slice(0, half),
    ...Array.from({ length: size - half }, (_, k) => rest[Math.floor(k * stride)]!),
  ].sort((a, b) => a - b);
  return {
    points: chosen.map((index) => points[index]!),
    z: Float64Array.from(chosen, (index) => z[index]!),
    weight: Float64Array.from(chosen, (index) => weight[index]!),
  };
}

export function modelSpaceOf({ dimensions }: Space): ModelSpace {
  return { unordered: dimensions.map(({ ordered }) => !ordered), fine: dimensions.map(isFine) };
}

/** Where the model sees a point: a place in [0, 1] a dimension, NaN where it is inactive. */
export function coordinatesOf(space: Space, parameters: Parameters): Float64Array {
  return Float64Array.from(unitFrom(space, parameters), (unit) => unit ?? Number.NaN);
}

export function fitted(model: ModelSpace, training: Training, seed: number, stream: string): Hyperparameters {
  const starts = normals(uniforms(seed, `${stream}/fit`, 0, 2 * numberOfHyperparameters(model)));
  return fitHyperparameters(model, subset(training, MAX_FITTED), starts);
}

export const normals = (units: Float64Array): Float64Array =>
  units.map((unit) => normalScore(Math.max(unit, 2 ** -53)));
