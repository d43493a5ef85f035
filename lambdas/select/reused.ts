import type { Spec } from '../../core/spec/spec.ts';
import { type CollectedTrial, wasBegun } from '../../core/trial/collected.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';

/**
 * Trials that were begun and that this execution found done, in every round they are in. The state counts a trial in the
 * round where it was new, begun or not; one that has moved to a higher rung since is recognised by its start time.
 */
export async function reusedBy(
  store: ObjectStore,
  spec: Spec,
  { sweepId, reused, execution }: { readonly sweepId: string; readonly reused: number; readonly execution: string },
  collected: readonly CollectedTrial[],
): Promise<number> {
  const unbegun = collected.filter((trial) => !wasBegun(trial));
  if (reused === 0 || (spec.search.strategy !== 'halving' && unbegun.length === 0)) return reused;
  const lock = (await sweepObjects(store, sweepId).lock.held())?.lock;
  if (lock?.execution !== execution) return reused;
  // A trial that left no result had none to reuse.
  const isNew = ({ facts: { startedAt } }: CollectedTrial) => startedAt === null || startedAt > lock.since;
  if (spec.search.strategy !== 'halving') return reused - unbegun.filter((trial) => !isNew(trial)).length;
  const begun = collected.filter(wasBegun);
  return numberOf(begun) - numberOf(begun.filter(isNew));
}

const numberOf = (trainings: readonly CollectedTrial[]): number =>
  new Set(trainings.map(({ facts }) => facts.trial)).size;
