import { parseSpecKey, SWEEPS_PREFIX } from '../core/layout/keys.ts';
import type { ObjectStore } from '../storage/store.ts';

/** The names of the folders that a store has for sweeps, begun or not. */
export function sweepFolders(store: ObjectStore): Promise<string[]> {
  return Array.fromAsync(store.folders(SWEEPS_PREFIX));
}

/** The ids of the sweeps that have a spec and whose id starts with `prefix`. */
export async function* begunSweeps(store: ObjectStore, prefix: string): AsyncGenerator<string> {
  for await (const { key } of store.list(`${SWEEPS_PREFIX}${prefix}`)) {
    const sweepId = parseSpecKey(key);
    if (sweepId !== null) yield sweepId;
  }
}
