import type { Spec } from '../spec/spec.ts';
import { curveOf } from './curve.ts';
import type { EpochMetrics } from './numbering.ts';
import { judgedFor, judgeMetrics } from './objective.ts';
import type { TrialResult } from './result.ts';

/**
 * A result under another objective than it was judged by, its curve included, from the metrics that its attempt left:
 * without training. How a program failed does not depend on the objective, but for one that reported another metric.
 */
export function rejudge(
  objective: Spec['objective'],
  result: TrialResult,
  metrics: readonly EpochMetrics[],
): TrialResult {
  const { otherMetrics: _, others: __, ...kept } = result;
  const judged = { ...kept, ...judgedFor(objective), curve: curveOf(metrics, objective.metric) };
  if (result.failure !== null && result.failure.class !== 'no-metric') return judged;
  const verdict = judgeMetrics(objective, metrics);
  if (verdict.status === 'failed') {
    return { ...judged, status: 'failed', value: null, epoch: null, diverged: false, failure: verdict.failure };
  }
  const { status, value, epoch, diverged, others } = verdict;
  return { ...judged, status, value, epoch, diverged, ...(others === undefined ? {} : { others }), failure: null };
}
