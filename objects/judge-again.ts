import { attemptPrefix } from '../core/layout/keys.ts';
import type { Spec } from '../core/spec/spec.ts';
import { curveOf } from '../core/trial/curve.ts';
import { parseMetrics } from '../core/trial/metrics.ts';
import { judgedBy, judgeMetrics } from '../core/trial/objective.ts';
import type { TrialResult } from '../core/trial/result.ts';
import type { ObjectStore } from '../storage/store.ts';

/**
 * A result, its curve included, under the sweep's objective: as it is where it was judged by that; else from the metrics
 * that its attempt left, without training. How a program failed does not depend on the objective, but for one that
 * reported another metric.
 */
export async function judgeAgain(
  store: ObjectStore,
  sweepId: string,
  objective: Spec['objective'],
  result: TrialResult,
): Promise<TrialResult> {
  if (judgedBy(result, objective)) return result;
  const { metric, goal, at } = objective;
  const object = await store.get(`${attemptPrefix(sweepId, result.trialId, result.attempt)}metrics.jsonl`);
  const metrics = object === null ? [] : parseMetrics(object.body.toString());
  const judged = { ...result, metric, goal, at, curve: curveOf(metrics, metric) };
  if (result.failure !== null && result.failure.class !== 'no-metric') return judged;
  const verdict = judgeMetrics(objective, metrics);
  if (verdict.status === 'failed') {
    return { ...judged, status: 'failed', value: null, epoch: null, diverged: false, failure: verdict.failure };
  }
  const { value, epoch, diverged } = verdict;
  return { ...judged, status: 'succeeded', value, epoch, diverged, failure: null };
}
