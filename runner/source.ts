import { constants } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CorruptObject } from '../core/base/errors.ts';
import { sourceContent } from '../core/layout/inputs.ts';
import { makeFolder } from '../storage/files.ts';
import type { ObjectStore } from '../storage/store.ts';
import { unpack } from '../storage/unpack.ts';
import { cached } from './cache.ts';

/** The extracted source of a sweep, shared by its trials and never written to; null when the sweep has none. */
export async function fetchSource(
  store: ObjectStore,
  key: string | undefined,
  cacheFolder: string | null,
  workFolder: string,
): Promise<string | null> {
  if (key === undefined) return null;
  const digest = sourceContent(key);
  if (digest === null) throw new Error(`training.source: received ${key}; allowed: sources/<digest>.tgz`);
  return cached(cacheFolder, 'sources', digest, join(workFolder, 'shared-source'), async (folder) => {
    const archive = `${folder}.tgz`;
    try {
      if (!(await store.download(key, archive)))
        throw new CorruptObject(
          `training.source: ${key} is not in the store; run or start the sweep again, which uploads it again`,
        );
      await unpack(archive, folder, `training.source: ${key}`);
    } finally {
      await rm(archive, { force: true });
    }
  });
}

/** A trial's own copy: what it writes beside its code disturbs no other. Cheap where the file system can share blocks. */
export async function copySource(source: string | null, folder: string): Promise<void> {
  await makeFolder(source === null ? folder : dirname(folder));
  if (source !== null) await cp(source, folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
}
