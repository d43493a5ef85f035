import * as z from 'zod';
import { jsonSchema } from '../core/base/json.ts';
import * as keys from '../core/layout/keys.ts';
import type { Spec } from '../core/spec/spec.ts';
import { dependsOnParameters, doomed } from '../core/trial/doom.ts';
import { DOOMED_AFTER, type FailureClass } from '../core/trial/failure.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import { concurrently } from '../storage/concurrently.ts';
import type { ObjectStore } from '../storage/store.ts';

/**
 * A doomed sweep ends early: each failed trial leaves a marker of its class in its round, with its parameters, and the first trial that
 * reports a finite value one for the sweep. A child that finds enough failures of one class, and no value, does not
 * start; so a program that cannot work costs a handful of trials, with no state and no wait for it.
 */

/** So many failures are read at the most before a trial starts; more are of a sweep whose every trial fails. */
const MAX_READ = 500;
const AT_ONCE = 16;

/** Why a trial of the round need not start; null when it should. One listing of few objects, as a rule. */
export async function doomOf(
  store: ObjectStore,
  sweepId: string,
  round: number,
  { search: { space } }: Spec,
  { parameters }: ManifestTrial,
): Promise<string | null> {
  const markers: { key: string; class: string; modified: number }[] = [];
  const prefix = keys.failureMarkersPrefix(sweepId, round);
  for await (const { key, modified } of store.list(prefix))
    markers.push({ key, modified, class: key.slice(prefix.length).split('/')[0] ?? '' });
  const counts = new Map<string, number>();
  for (const { class: name } of markers) counts.set(name, (counts.get(name) ?? 0) + 1);
  const many = markers.filter(({ class: name }) => counts.get(name)! >= DOOMED_AFTER);
  if (many.length === 0 || (await store.get(keys.finiteMarkerKey(sweepId))) !== null) return null;
  const first = many.sort((a, b) => a.modified - b.modified || (a.key < b.key ? -1 : 1)).slice(0, MAX_READ);
  const failures = await concurrently(first, AT_ONCE, async ({ key, class: name }) => ({
    class: name,
    parameters: dependsOnParameters(name) ? parametersIn((await store.get(key))?.body) : {},
  }));
  return doomed(space, failures, parameters);
}

/** Markers of earlier versions are empty: what tells of no parameters shares none. */
function parametersIn(body: Buffer | undefined): ManifestTrial['parameters'] {
  try {
    return z.record(z.string(), jsonSchema).parse(JSON.parse(body?.toString() ?? ''));
  } catch {
    return {};
  }
}

export async function markFailure(
  store: ObjectStore,
  sweepId: string,
  round: number,
  failure: FailureClass,
  { id, parameters }: ManifestTrial,
): Promise<void> {
  await store.put(`${keys.failureMarkersPrefix(sweepId, round)}${failure}/${id}`, JSON.stringify(parameters));
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
