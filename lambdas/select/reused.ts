import type { Spec } from '../../core/spec/spec.ts';
import type { CollectedTrial } from '../../core/trial/collected.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';

/**
 * Trials that this execution found done, in every round they are in. The state counts a trial in the round where it was
 * new; one that has moved to a higher rung since is recognised by its start time.
 */
export async function reusedBy(
  store: ObjectStore,
  spec: Spec,
  { sweepId, reused, execution }: { readonly sweepId: string; readonly reused: number; readonly execution: string },
  collected: readonly CollectedTrial[],
  planned: number,
): Promise<number> {
  if (reused === 0 || spec.search.strategy !== 'halving') return reused;
  const lock = (await sweepObjects(store, sweepId).lock.held())?.lock;
  if (lock?.execution !== execution) return reused;
  // A trial that left no result had none to reuse.
  const trained = collected.filter(({ facts }) => facts.startedAt === null || facts.startedAt > lock.since);
  return planned - new Set(trained.map(({ facts }) => facts.trial)).size;
}
