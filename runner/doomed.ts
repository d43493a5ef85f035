import type { Spec } from '../core/spec/spec.ts';
import { dependsOnParameters, doomed } from '../core/trial/doom.ts';
import { DOOMED_AFTER } from '../core/trial/failure.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import { type SweepObjects, sweepObjects } from '../objects/sweep-objects.ts';
import { concurrently } from '../storage/concurrently.ts';
import type { ObjectStore } from '../storage/store.ts';

/**
 * Ends a doomed sweep early. Each failed trial leaves a marker in its round, with its class and parameters; the first trial
 * that reports a finite value leaves one for the sweep. A child that finds enough failures of one class, and no value, does
 * not start. So a program that cannot work costs only a handful of trials, without any shared state or waiting.
 */

/** The most failures to read before a trial starts; if there are more, every trial of the sweep fails. */
const MAX_READ = 500;
const AT_ONCE = 16;

/** Why a trial of the round need not start; null if it should. */
export async function reasonNotToStart(
  { failures }: SweepObjects,
  round: number,
  { search: { space } }: Spec,
  { parameters }: ManifestTrial,
): Promise<string | null> {
  const markers = await failures.ofRound(round);
  const counts = new Map<string, number>();
  for (const { class: name } of markers) counts.set(name, (counts.get(name) ?? 0) + 1);
  const many = markers.filter(({ class: name }) => counts.get(name)! >= DOOMED_AFTER);
  if (many.length === 0 || (await failures.hasFinite())) return null;
  const first = await concurrently(many.slice(0, MAX_READ), AT_ONCE, async (marker) => ({
    class: marker.class,
    parameters: dependsOnParameters(marker.class) ? await failures.parameters(round, marker) : {},
  }));
  return doomed(space, first, parameters);
}

/** Sweeps whose marker this process has already written. */
const marked = new WeakMap<ObjectStore, Set<string>>();

/** Records, once per process, that a trial of the sweep has reported a finite value. */
export async function markFinite(store: ObjectStore, sweepId: string): Promise<void> {
  const known = marked.get(store) ?? new Set();
  marked.set(store, known);
  if (known.has(sweepId)) return;
  known.add(sweepId);
  try {
    await sweepObjects(store, sweepId).failures.putFinite();
  } catch (error) {
    known.delete(sweepId);
    throw error;
  }
}
