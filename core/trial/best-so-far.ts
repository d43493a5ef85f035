import { type Goal, isBetter } from '../spec/goal.ts';
import type { EpochMetrics } from './numbering.ts';

/** What a training has reached by the end of an epoch; the rules of `training.stop` need nothing else. */
export interface BestSoFar {
  readonly epoch: number;
  /** Null before the first finite value. */
  readonly best: number | null;
  /** The epoch of that value; 0 before there is one. */
  readonly improvedAt: number;
}

/** One entry for each epoch that reports the metric, in order. A value that is not finite improves nothing. */
export function* bestSoFar(metrics: readonly EpochMetrics[], metric: string, goal: Goal): Generator<BestSoFar> {
  let best: number | null = null;
  let improvedAt = 0;
  for (const { epoch, values } of metrics) {
    const value = values[metric];
    if (value === undefined) continue;
    if (value !== null && (best === null || isBetter(value, best, goal))) {
      best = value;
      improvedAt = epoch;
    }
    yield { epoch, best, improvedAt };
  }
}
