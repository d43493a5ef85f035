import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resultsPrefix } from '../core/keys.ts';
import { type TrialResult, trialResultSchema } from '../core/result.ts';
import { openStore } from '../storage/open.ts';
import type { ObjectStore } from '../storage/store.ts';
import { readJson } from '../storage/sweeps.ts';

/** Work in a store of its own, which is thrown away however it ends. */
export async function inScratchStore<T>(
  name: string,
  work: (store: ObjectStore, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `sweepstack-${name}-`));
  try {
    return await work(await openStore(pathToFileURL(join(folder, 'store')).href), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The result of a sweep's only trial at this budget; null when there is none. */
export async function onlyResult(store: ObjectStore, sweepId: string, epochs: number): Promise<TrialResult | null> {
  for await (const { key } of store.list(resultsPrefix(sweepId))) {
    if (key.endsWith(`.${epochs}.json`)) return readJson(store, key, trialResultSchema);
  }
  return null;
}
