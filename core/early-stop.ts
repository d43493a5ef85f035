import * as z from 'zod';
import { isBetter } from './goal.ts';
import type { EpochMetrics } from './metrics.ts';
import type { Goal, Spec } from './spec.ts';

/** A learning curve: the objective by epoch, null where it was not finite. At most CURVE_POINTS of them. */
export type Curve = readonly (readonly [epoch: number, value: number | null])[];

/** A result stays small; a longer curve keeps evenly spaced epochs, the last among them. */
export const CURVE_POINTS = 200;

export function curveOf(metrics: readonly EpochMetrics[], metric: string): [epoch: number, value: number | null][] {
  const points = metrics.flatMap(({ epoch, values }): [number, number | null][] => {
    const value = values[metric];
    return value === undefined ? [] : [[epoch, value]];
  });
  if (points.length <= CURVE_POINTS) return points;
  const stride = (points.length - 1) / (CURVE_POINTS - 1);
  return Array.from({ length: CURVE_POINTS }, (_, k) => points[Math.round(k * stride)]!);
}

/** `rounds/<n>/medians.json`: the median best-so-far of the finished rounds' trials, by epoch from 1. */
export const mediansSchema = z.strictObject({ values: z.array(z.number()) });
export type Medians = z.output<typeof mediansSchema>;

/** Fewer trials than this say nothing of what is usual. */
const LEAST_CURVES = 3;

/**
 * The median rule of Google Vizier (D. Golovin et al., KDD 2017), by the best value so far in place of the running
 * average: what a trial is compared with at each epoch. A curve that ended earlier counts with what it had reached.
 * @returns null while there are too few curves
 */
export function mediansOf(curves: readonly Curve[], goal: Goal, epochs: number): Medians | null {
  const finite = curves.filter((curve) => curve.some(([, value]) => value !== null));
  if (finite.length < LEAST_CURVES) return null;
  const bests = finite.map((curve) => bestByEpoch(curve, goal, epochs));
  const values: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    // Whose first value came later has none yet, and is worse than any.
    const none = goal === 'maximize' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const sorted = bests.map((best) => best[epoch - 1] ?? none).sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
    values.push(Number.isFinite(median) ? median : (none < 0 ? -1 : 1) * Number.MAX_VALUE);
  }
  return { values };
}

function bestByEpoch(curve: Curve, goal: Goal, epochs: number): (number | null)[] {
  const best: (number | null)[] = [];
  let sofar: number | null = null;
  let place = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    for (; place < curve.length && curve[place]![0] <= epoch; place++) {
      const value = curve[place]![1];
      if (value !== null && (sofar === null || isBetter(value, sofar, goal))) sofar = value;
    }
    best.push(sofar);
  }
  return best;
}

export const STOP_RULES = ['median', 'patience'] as const;

export interface EarlyStop {
  readonly rule: (typeof STOP_RULES)[number];
  /** Metrics up to this epoch count; what a program did before it heard of the stop does not. */
  readonly epoch: number;
}

/**
 * Where `training.stop` ends a trial: the first epoch from minEpochs on at which its best so far is below the median, or
 * has not improved for `patience` epochs. Null: it goes on. The last epoch of the budget is no stop.
 */
export function earlyStop(
  spec: Spec,
  metrics: readonly EpochMetrics[],
  medians: Medians | null,
  epochs: number,
): EarlyStop | null {
  const { stop } = spec.training;
  if (stop === undefined) return null;
  const { metric, goal } = spec.objective;
  let best: number | null = null;
  let improvedAt = 0;
  for (const { epoch, values } of metrics) {
    const value = values[metric];
    if (value === undefined || epoch >= epochs) continue;
    if (value !== null && (best === null || isBetter(value, best, goal))) {
      best = value;
      improvedAt = epoch;
    }
    if (epoch < stop.minEpochs) continue;
    if (stop.patience !== undefined && epoch - improvedAt >= stop.patience) return { rule: 'patience', epoch };
    const median = stop.median ? medians?.values[epoch - 1] : undefined;
    if (median !== undefined && (best === null || isBetter(median, best, goal))) return { rule: 'median', epoch };
  }
  return null;
}
