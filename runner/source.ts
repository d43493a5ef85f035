import { chmodSync, constants, copyFileSync, type Dirent, mkdirSync, readdirSync, statSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CorruptObject } from '../core/base/errors.ts';
import { sourceContent } from '../core/layout/inputs.ts';
import { SMALL_BYTES } from '../storage/at-once.ts';
import { concurrently } from '../storage/concurrently.ts';
import { makeFolder, removeTree } from '../storage/files.ts';
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
  if (source === null) return makeFolder(folder);
  // What an earlier try copied in part, before the system lacked something.
  await removeTree(folder);
  makeFolder(dirname(folder));
  await copyFolder(source, folder);
}

/** Files copied at a time. */
const AT_ONCE = 16;
/** So few files, if they are small, are copied at once. */
const FEW_FILES = 32;

/**
 * Files and folders, which is all that `unpack` lets in, with their modes. Node's own `cp` asks about each of them, and about
 * every folder above, several times: most of its time.
 */
async function copyFolder(from: string, to: string): Promise<void> {
  const entries = readdirSync(from, { withFileTypes: true });
  mkdirSync(to);
  const isFew = entries.length <= FEW_FILES;
  const later: Dirent[] = [];
  for (const entry of entries) {
    const file = join(from, entry.name);
    if (isFew && !entry.isDirectory() && statSync(file).size <= SMALL_BYTES)
      copyFileSync(file, join(to, entry.name), constants.COPYFILE_FICLONE);
    else later.push(entry);
  }
  if (later.length > 0)
    await concurrently(later, AT_ONCE, (entry) => {
      const [file, copy] = [join(from, entry.name), join(to, entry.name)];
      return entry.isDirectory() ? copyFolder(file, copy) : copyFile(file, copy, constants.COPYFILE_FICLONE);
    });
  // Last: it may be one that nothing can be written to.
  chmodSync(to, statSync(from).mode);
}
