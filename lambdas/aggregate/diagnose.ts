import { classifyChildEnd } from '../../core/aws/diagnosis.ts';
import type { Failure } from '../../core/trial/failure.ts';
import { jobManifest } from '../../objects/manifests.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { JobServices, Services } from '../shared/services.ts';

/**
 * Why trials left no result, by trial id. Batch is asked for the round's failed jobs, newest first, so if two executions
 * trained a trial, the later end counts. Trials that no job mentions are not in the answer.
 */
export async function diagnose(
  services: Pick<Services, 'store'> & JobServices,
  sweepId: string,
  round: number,
  lost: ReadonlySet<string>,
): Promise<Map<string, Failure>> {
  const reasons = new Map<string, Failure>();
  const queue = (await sweepObjects(services.store, sweepId).definition.recordedSpec())?.deployment?.queue;
  if (queue === undefined) return reasons;
  for await (const { manifest, ends } of services.failedJobs(queue, sweepId, round)) {
    const count = Math.max(0, ...ends.map(({ index }) => index)) + 1;
    const trials = (await jobManifest(services.store, manifest)?.trialsOf(count)) ?? [];
    for (const end of ends) {
      const failure = classifyChildEnd(end);
      if (failure === null) continue;
      for (const { id } of trials[end.index] ?? []) if (lost.has(id) && !reasons.has(id)) reasons.set(id, failure);
    }
    if (reasons.size === lost.size) break;
  }
  return reasons;
}
