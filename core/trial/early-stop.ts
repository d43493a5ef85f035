import { isBetter } from '../spec/goal.ts';
import type { Spec } from '../spec/spec.ts';
import type { Medians } from './median.ts';
import type { EpochMetrics } from './metrics.ts';

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
