import { CHECKPOINTS_PREFIX, parseSpecKey, SWEEPS_PREFIX } from '../core/layout/keys.ts';
import { sweepIdProblem } from '../core/spec/sweep-id.ts';
import { concurrently } from '../storage/concurrently.ts';
import type { ObjectStore } from '../storage/store.ts';
import { Definition } from './definition.ts';

/** The names of the folders that a store has for sweeps, begun or not. */
export function sweepFolders(store: ObjectStore): Promise<string[]> {
  return Array.fromAsync(store.folders(SWEEPS_PREFIX));
}

/** The ids of the sweeps that have checkpoints. */
export function sweepsWithCheckpoints(store: ObjectStore): Promise<string[]> {
  return Array.fromAsync(store.folders(CHECKPOINTS_PREFIX));
}

/** The ids of the sweeps that have a spec, by one look at each folder: a listing would tell every object of all of them. */
export async function begunSweepIds(store: ObjectStore): Promise<string[]> {
  const ids = (await sweepFolders(store)).filter((name) => sweepIdProblem(name) === null);
  const begun = await concurrently(ids, 32, (id) => new Definition(store, id).isBegun());
  return ids.filter((_, index) => begun[index]);
}

/** The ids of the sweeps that have a spec and whose id starts with `prefix`. */
export async function* begunSweeps(store: ObjectStore, prefix: string): AsyncGenerator<string> {
  for await (const { key } of store.list(`${SWEEPS_PREFIX}${prefix}`)) {
    const sweepId = parseSpecKey(key);
    if (sweepId !== null) yield sweepId;
  }
}
