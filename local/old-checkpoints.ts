import { sweepsWithCheckpoints } from '../objects/begun-sweeps.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { ObjectStore } from '../storage/store.ts';

/** How long a deployment keeps them by default (`checkpointDays`). */
const KEEP_DAYS = 14;

/**
 * Does for a folder what a bucket's lifecycle rule does to checkpoints. Removes all checkpoints of a sweep that succeeded
 * once none has been written for this long; until then, more epochs can continue from them. A stopped sweep keeps its own.
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
