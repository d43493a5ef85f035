import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resultsPrefix } from '../../core/layout/keys.ts';
import { WORKDIR } from '../../core/spec/sweep-id.ts';
import { type TrialResult, trialResultSchema } from '../../core/trial/result.ts';
import { readJson } from '../../storage/json.ts';
import { openStore } from '../../storage/open.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { inTemporary } from '../../storage/temporary.ts';

/** Work in a store of its own, which is thrown away however it ends. */
export async function inScratchStore<T>(work: (store: ObjectStore, folder: string) => Promise<T>): Promise<T> {
  return inTemporary(async (folder) => work(await openStore(pathToFileURL(join(folder, WORKDIR.store)).href), folder));
}

/** The result of a sweep's only trial at this budget; null when there is none. */
export async function onlyResult(store: ObjectStore, sweepId: string, epochs: number): Promise<TrialResult | null> {
  for await (const { key } of store.list(resultsPrefix(sweepId))) {
    if (key.endsWith(`.${epochs}.json`)) return readJson(store, key, trialResultSchema);
  }
  return null;
}
