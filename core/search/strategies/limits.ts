import type { Space } from '../../space/space.ts';
import type { OtherObjective } from '../../spec/spec.ts';
import type { Hyperparameters, Training } from './gaussian-process/kernel.ts';
import { posteriorSpread } from './gaussian-process/posterior.ts';
import { scoresOf } from './scores.ts';
import type { Observation } from './strategy.ts';
import { MAX_TRAINING, modelSpaceOf, subset, trainingSetOf } from './training-set.ts';

/**
 * Limits on other objectives, each learned by a model of its own. Whether a point meets one is uncertain, and so each draw
 * of the search draws every limit's metric, too: a candidate counts where it lies within all of them as they were drawn.
 * Over the draws that happens with the product of the models' probabilities (J. Gardner et al., "Bayesian Optimization with
 * Inequality Constraints", ICML 2014; by draws: D. Eriksson and M. Poloczek, "Scalable Constrained Bayesian Optimization",
 * AISTATS 2021). All candidates share a draw's luck with a metric: drawn for each alone, the luckiest would be taken.
 */
export interface Limits {
  readonly models: readonly LimitModel[];
  /** The history by what each trial is worth with the limits counted, larger being better: new points are sought near the best. Null without limits. */
  readonly worths: readonly Observation[] | null;
}

/** How far within a limit a point is expected to be, in the metric's scores and negative beyond it, and how sure that is. */
export type LimitModel = (place: Float64Array) => { readonly mean: number; readonly spread: number };

export const NO_LIMITS: Limits = { models: [], worths: null };

/**
 * By limit what was learned of it. None of a limit that nothing is known about yet, or that all trials are equally far from.
 * @param history with every trial's own metrics
 */
export function limitModels(
  space: Space,
  history: readonly Observation[],
  others: readonly OtherObjective[],
  fittedTo: (training: Training, metric: string) => Hyperparameters,
): LimitModel[] {
  return others.flatMap((other) => {
    const margins = marginsOf(space, history, other);
    if (margins === null) return [];
    const conditioned = subset(margins.training, MAX_TRAINING);
    const model = posteriorSpread(modelSpaceOf(space), conditioned, fittedTo(margins.training, other.metric));
    if (model === null) return [];
    return [
      (place: Float64Array) => {
        const { mean, spread } = model(place);
        return { mean: mean + margins.usual, spread };
      },
    ];
  });
}

/** How far within a limit each trial is, less the usual distance, which is where the model returns to far from all trials. */
interface Margins {
  readonly training: Training;
  readonly usual: number;
}

export function marginsOf(
  space: Space,
  history: readonly Observation[],
  { metric, goal, limit }: OtherObjective,
): Margins | null {
  if (limit === undefined) return null;
  // Of a failed trial, and of one from before the limit was asked for, the metric is not known.
  const measured = history.map((trial) => ({
    ...trial,
    value: trial.value === null ? undefined : trial.others?.[metric],
  }));
  const training = trainingSetOf(space, measured, goal, (values) => {
    const scores = scoresOf([...values, limit], goal);
    return scores?.slice(0, -1).map((score) => score - scores.at(-1)!) ?? null;
  });
  if (training === null || training.z.every((margin) => margin === training.z[0])) return null;
  const usual = training.z.reduce((sum, margin) => sum + margin, 0) / training.z.length;
  return { training: { ...training, z: training.z.map((margin) => margin - usual) }, usual };
}

/**
 * How many standard deviations below its draw a metric is taken to be. What is best within a limit usually lies at it, where
 * half of all draws say "within" and half of the trials would be lost; with this, five in six are within, and they find as
 * much (bench/search/several.py --development).
 */
const CARE = 1;

const margin = ({ mean, spread }: ReturnType<LimitModel>, normal: number): number => mean + (normal - CARE) * spread;

/** What the model expects of the first objective where the limits are likely met; else less, the farther beyond. */
export function expectedWithin(
  models: readonly LimitModel[],
  expected: (place: Float64Array) => number,
): (place: Float64Array) => number {
  return (place) =>
    heldTo(
      models.map((model) => margin(model(place), 0)),
      expected(place),
    );
}

/**
 * Drawn values of the candidates, with those beyond a limit as it was drawn below all others.
 * @returns of a draw's values and one normal number a limit
 */
export function drawnWithin(
  models: readonly LimitModel[],
  candidates: readonly Float64Array[],
): (values: Float64Array, normals: Float64Array) => Float64Array {
  const known = models.map((model) => candidates.map(model));
  return (values, normals) =>
    values.map((value, candidate) =>
      heldTo(
        known.map((margins, limit) => margin(margins[candidate]!, normals[limit]!)),
        value,
      ),
    );
}

/** Scores are within some 10 of 0. */
const BELOW_ALL = 1000;

function heldTo(margins: readonly number[], value: number): number {
  const beyond = margins.reduce((sum, margin) => sum - Math.min(0, margin), 0);
  return beyond > 0 ? -BELOW_ALL - beyond : value;
}
