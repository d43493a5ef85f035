import * as z from 'zod';
import { dataIndexKey } from '../core/layout/inputs.ts';
import { readJson } from './json.ts';
import type { ObjectStore } from './store.ts';

/** `data/<digest>/index.json`, written last: with it all packs are there. */
const indexSchema = z.object({
  files: z.int().min(0),
  /** Bytes of all files. */
  bytes: z.number().min(0),
  packs: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('tar'), key: z.string().startsWith('data/packs/') }),
      z.object({ kind: z.literal('file'), key: z.string().startsWith('data/files/'), name: z.string() }),
    ]),
  ),
});

/** What was uploaded under the digest; null when there is no such upload, or it was not finished. */
export async function readDataIndex(store: ObjectStore, digest: string): Promise<z.output<typeof indexSchema> | null> {
  return readJson(store, dataIndexKey(digest), indexSchema);
}
