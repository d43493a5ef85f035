import * as keys from '../core/layout/keys.ts';
import { DOOMED_AFTER, type FailureClass } from '../core/trial/failure.ts';
import type { ObjectStore } from '../storage/store.ts';

/**
 * A doomed sweep ends early: each failed trial leaves a marker of its class in its round, and the first trial that
 * reports a finite value one for the sweep. A child that finds enough failures of one class, and no value, does not
 * start; so a program that cannot work costs a handful of trials, with no state and no wait for it.
 */

/** Why a trial of the round need not start; null when it should. One listing of few objects. */
export async function doomOf(store: ObjectStore, sweepId: string, round: number): Promise<string | null> {
  const counts = new Map<string, number>();
  const prefix = keys.failureMarkersPrefix(sweepId, round);
  for await (const { key } of store.list(prefix)) {
    const name = key.slice(prefix.length).split('/')[0] ?? '';
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count < DOOMED_AFTER) continue;
    if ((await store.get(keys.finiteMarkerKey(sweepId))) !== null) return null;
    return `${DOOMED_AFTER} trials of this round failed before it (${name}), and none had reported a value`;
  }
  return null;
}

export async function markFailure(
  store: ObjectStore,
  sweepId: string,
  round: number,
  failure: FailureClass,
  trialId: string,
): Promise<void> {
  await store.put(`${keys.failureMarkersPrefix(sweepId, round)}${failure}/${trialId}`, '');
}

/** Sweeps whose marker this process has seen to. */
const marked = new WeakMap<ObjectStore, Set<string>>();

/** Says, once a process, that a trial of the sweep has reported a finite value. */
export async function markFinite(store: ObjectStore, sweepId: string): Promise<void> {
  const known = marked.get(store) ?? new Set();
  marked.set(store, known);
  if (known.has(sweepId)) return;
  known.add(sweepId);
  try {
    await store.putIfAbsent(keys.finiteMarkerKey(sweepId), '');
  } catch (error) {
    known.delete(sweepId);
    throw error;
  }
}
