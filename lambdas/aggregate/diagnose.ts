import { classifyChildEnd } from '../../core/aws/diagnosis.ts';
import type { Failure } from '../../core/trial/failure.ts';
import { type ManifestTrial, manifestReference, parseManifestReference } from '../../core/trial/manifest.ts';
import { readManifestLines, readRecordedSpec } from '../../objects/sweep.ts';
import type { JobServices, Services } from '../shared/services.ts';

/**
 * Why trials left no result, by trial id: Batch is asked for the round's failed jobs, newest first, so that of a trial
 * that two executions trained the later end counts. A trial that no job tells of is not in the answer.
 */
export async function diagnose(
  services: Pick<Services, 'store'> & JobServices,
  sweepId: string,
  round: number,
  lost: ReadonlySet<string>,
): Promise<Map<string, Failure>> {
  const reasons = new Map<string, Failure>();
  const queue = (await readRecordedSpec(services.store, sweepId))?.deployment?.queue;
  if (queue === undefined) return reasons;
  for await (const { manifest, ends } of services.failedJobs(queue, sweepId, round)) {
    const trials = await trialsOf(services, manifest, Math.max(0, ...ends.map(({ index }) => index)) + 1);
    for (const end of ends) {
      const id = trials[end.index]?.id;
      const failure = classifyChildEnd(end);
      if (id !== undefined && failure !== null && lost.has(id) && !reasons.has(id)) reasons.set(id, failure);
    }
    if (reasons.size === lost.size) break;
  }
  return reasons;
}

/** The first `count` trials of a manifest that a job was given; none of one that is not in this store. */
async function trialsOf(
  { store }: Pick<Services, 'store'>,
  reference: string,
  count: number,
): Promise<ManifestTrial[]> {
  const { url, width } = parseManifestReference(reference);
  const prefix = `${store.url}/`;
  if (!url.startsWith(prefix)) return [];
  return readManifestLines(store, manifestReference(url.slice(prefix.length), width), 0, count);
}
