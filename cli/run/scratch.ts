import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WORKDIR } from '../../core/spec/sweep-id.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { openStore } from '../../storage/open.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { inTemporary } from '../../storage/temporary.ts';

/** Work in a store of its own, which is thrown away however it ends. */
export async function inScratchStore<T>(work: (store: ObjectStore, folder: string) => Promise<T>): Promise<T> {
  return inTemporary(async (folder) => work(await openStore(pathToFileURL(join(folder, WORKDIR.store)).href), folder));
}

/** The result of a sweep's only trial at this budget; null when there is none. */
export async function onlyResult(store: ObjectStore, sweepId: string, epochs: number): Promise<TrialResult | null> {
  const { results } = sweepObjects(store, sweepId);
  for await (const name of results.list()) if (name.epochs === epochs) return results.readable(name);
  return null;
}
