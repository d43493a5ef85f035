import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import pLimit from 'p-limit';
import { show } from '../core/base/text.ts';
import { StorageError } from './errors.ts';
import { isPart, orNull } from './files.ts';
import { checkFolderPrefix, isFilePath } from './keys.ts';
import type { ObjectStore } from './store.ts';

/** Files under way at a time. Each may hold 32 MiB on its way to S3. */
const AT_ONCE = 8;
const DELETE_BATCH = 1_000;

/** What was moved. */
export interface Transfer {
  readonly files: number;
  /** Bytes. */
  readonly bytes: number;
}

/**
 * Puts every file of a folder, its subfolders included, under `prefix` (which ends in `/`). Links are followed; empty
 * folders leave nothing, as keys have no folders. A file that vanishes meanwhile is left out: programs that are still
 * running rename and remove their files. Keys that were there and have no file are left as they are.
 * @throws StorageError
 */
export async function uploadFolder(store: ObjectStore, folder: string, prefix: string): Promise<Transfer> {
  checkFolderPrefix('uploadFolder', prefix);
  const files = await filesOf(folder);
  const sizes = await pLimit(AT_ONCE).map(files, async (file) => {
    const path = join(folder, file);
    const before = await orNull(stat(path));
    if (before === null) return null;
    try {
      await store.upload(prefix + file.split(sep).join('/'), path);
    } catch (error) {
      if ((await orNull(stat(path))) !== null) throw error;
      return null;
    }
    return before.size;
  });
  return sum(sizes);
}

/**
 * Writes every object under `prefix` (which ends in `/`) to a file of the folder; the folder is made, and what is in it
 * already stays unless an object has its name.
 * @throws StorageError when a key would leave the folder.
 */
export async function downloadFolder(store: ObjectStore, prefix: string, folder: string): Promise<Transfer> {
  checkFolderPrefix('downloadFolder', prefix);
  const limit = pLimit(AT_ONCE);
  const sizes: Promise<number | null>[] = [];
  try {
    for await (const { key, size } of store.list(prefix)) {
      const name = key.slice(prefix.length);
      // The S3 console makes such empty objects to show a folder.
      if (name === '' || (name.endsWith('/') && size === 0)) continue;
      if (!isFilePath(name)) {
        throw new StorageError(
          'downloadFolder',
          key,
          `${store.url}/${key}: ${show(name)} cannot be a file below ${folder}; rename the object`,
        );
      }
      sizes.push(limit(async () => ((await store.download(key, join(folder, name))) ? size : null)));
      sizes.at(-1)!.catch(() => limit.clearQueue());
    }
    return sum(await Promise.all(sizes));
  } finally {
    limit.clearQueue();
  }
}

/**
 * Removes every object under `prefix`, which ends in `/`.
 * @returns how many there were.
 * @throws StorageError
 */
export async function deletePrefix(store: ObjectStore, prefix: string): Promise<number> {
  checkFolderPrefix('deletePrefix', prefix);
  let batch: string[] = [];
  let count = 0;
  for await (const { key } of store.list(prefix)) {
    batch.push(key);
    count++;
    if (batch.length < DELETE_BATCH) continue;
    await store.delete(batch);
    batch = [];
  }
  await store.delete(batch);
  return count;
}

function sum(sizes: readonly (number | null)[]): Transfer {
  const moved = sizes.filter((size) => size !== null);
  return { files: moved.length, bytes: moved.reduce((total, size) => total + size, 0) };
}

/** The files below a folder, relative to it. A link that leads back to a folder above it is not followed again. */
async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = [];
  const walk = async (path: string, above: readonly string[]): Promise<void> => {
    const real = await orNull(realpath(path));
    if (real === null || above.includes(real)) return;
    for (const name of (await orNull(readdir(path)))?.sort() ?? []) {
      const child = join(path, name);
      const what = await orNull(stat(child));
      if (what?.isDirectory()) await walk(child, [...above, real]);
      else if (what?.isFile() && !isPart(name)) files.push(relative(folder, child));
    }
  };
  await walk(folder, []);
  return files;
}
