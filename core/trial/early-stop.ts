import type { Spec } from '../spec/spec.ts';
import { bestSoFar } from './best-so-far.ts';
import { isBelowMedian, type Medians } from './median.ts';
import type { EpochMetrics } from './numbering.ts';
import { isOutOfPatience } from './patience.ts';

export const STOP_RULES = ['median', 'patience'] as const;

export interface EarlyStop {
  readonly rule: (typeof STOP_RULES)[number];
  /** Metrics up to this epoch count. A program may report more before it learns of the stop; those are dropped. */
  readonly epoch: number;
}

/**
 * Where `training.stop` ends a trial: the first epoch, from minEpochs on, at which one of its rules holds. Null when none
 * does. The last epoch of the budget never counts as a stop.
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
  for (const reached of bestSoFar(metrics, metric, goal)) {
    const { epoch } = reached;
    if (epoch >= epochs || epoch < stop.minEpochs) continue;
    if (stop.patience !== undefined && isOutOfPatience(reached, stop.patience)) return { rule: 'patience', epoch };
    if (stop.median && medians !== null && isBelowMedian(reached, medians, goal)) return { rule: 'median', epoch };
  }
  return null;
}
