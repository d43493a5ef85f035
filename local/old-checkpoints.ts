import { sweepsWithCheckpoints } from '../objects/begun-sweeps.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { ObjectStore } from '../storage/store.ts';

/** As long as a deployment keeps them unless told otherwise (`checkpointDays`). */
const KEEP_DAYS = 14;

/**
 * What the rule of a bucket does to checkpoints, for a store that is a folder: of each sweep that has succeeded they go,
 * all of them, when none was written for so long. Until then more epochs go on from them; a sweep that was stopped keeps
 * them for as long as it waits.
 * @param now milliseconds since 1970
 */
export async function removeOldCheckpoints(store: ObjectStore, now: number): Promise<void> {
  if (!store.url.startsWith('file:')) return;
  for (const sweepId of await sweepsWithCheckpoints(store)) {
    const { checkpoints, outcome } = sweepObjects(store, sweepId);
    if ((await checkpoints.wereWrittenAfter(now - KEEP_DAYS * 24 * 3600 * 1000)) !== false) continue;
    const status = (await outcome.metadata().catch(() => null))?.status;
    if (status === 'succeeded') await checkpoints.remove();
  }
}
