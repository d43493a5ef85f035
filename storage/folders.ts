import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { show } from '../core/base/text.ts';
import { safeNames } from '../core/layout/safe-names.ts';
import { DOWNLOADS_AT_ONCE } from './concurrently.ts';
import { StorageError } from './errors.ts';
import { codeOf, lacksFiles, orNull } from './files.ts';
import { checkFolderPrefix, isFilePath, MAX_KEY_BYTES } from './keys.ts';
import { programFiles } from './program-files.ts';
import type { ObjectStore, ObjectSummary } from './store.ts';

/** Files under way at a time. Each may hold 32 MiB on its way to S3. */
const UPLOADS_AT_ONCE = 8;
/** Objects that are listed before their turn: a listing is faster than what it lists, and may be of millions. */
const MAX_WAITING = 4_000;
const DELETE_BATCH = 1_000;

/** What was moved. */
export interface Transfer {
  readonly files: number;
  /** Bytes. */
  readonly bytes: number;
}

/** What an upload moved, and what it left out or stored under another name, in words. */
export interface Upload extends Transfer {
  readonly notes: readonly string[];
}

/** A file that an upload stored. */
export interface StoredFile {
  /** Below the prefix. */
  readonly name: string;
  /** Where it is on this machine. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Puts every file of a folder, its subfolders included, under `prefix` (which ends in `/`). Links that lead out of `within`
 * (the folder itself unless said) are not followed; empty folders leave nothing, as keys have no folders. A file that
 * vanishes meanwhile is left out: programs that are still running rename and remove their files. What cannot be stored by
 * its nature, or not under its own name, fails nothing and is noted. Keys that were there and have no file stay.
 * @throws StorageError when the store refuses
 */
export async function uploadFolder(
  store: ObjectStore,
  folder: string,
  prefix: string,
  within: readonly string[] = [folder],
  onStored: (stored: StoredFile) => void = () => {},
): Promise<Upload> {
  checkFolderPrefix('uploadFolder', prefix);
  const { paths, notes: leftOut } = await programFiles(folder, within);
  const names = safeNames(paths, MAX_KEY_BYTES - Buffer.byteLength(prefix));
  const notes = [...leftOut];
  for (const [path, name] of names) if (path !== name) notes.push(`${show(path)} is stored as ${show(name)}`);
  const sizes = await pLimit(UPLOADS_AT_ONCE).map(paths, async (path) => {
    const file = join(folder, path);
    const before = await orNull(stat(file));
    if (before === null) return null;
    try {
      await store.upload(prefix + names.get(path)!, file);
    } catch (error) {
      const why = await unreadable(file);
      if (why === null) throw error;
      if (why !== 'ENOENT') notes.push(`${show(path)} is left out: it cannot be read (${why})`);
      return null;
    }
    onStored({ name: names.get(path)!, file, size: before.size });
    return before.size;
  });
  return { ...sum(sizes), notes: notes.sort() };
}

/** Why a file cannot be opened; null when it can, so that a failed upload is the store's fault. */
async function unreadable(file: string): Promise<string | null> {
  try {
    await (await open(file, 'r')).close();
    return null;
  } catch (error) {
    return lacksFiles(error) ? null : (codeOf(error) ?? 'unknown');
  }
}

/**
 * Writes every object under `prefix` (which ends in `/`, or is empty: the whole store) to a file of the folder; the folder is
 * made, and what is in it already stays unless an object has its name. Nothing is under way any more when it ends.
 * @param onListed told of each object as it is listed, those that become no file included
 * @throws StorageError when a key would leave the folder; ObjectChanged when an object is not as it was listed
 */
export async function downloadFolder(
  store: ObjectStore,
  prefix: string,
  folder: string,
  onListed: (object: ObjectSummary) => void = () => {},
): Promise<Transfer> {
  if (prefix !== '') checkFolderPrefix('downloadFolder', prefix);
  const limit = pLimit(DOWNLOADS_AT_ONCE);
  const waiting: Promise<void>[] = [];
  const failures: unknown[] = [];
  let [files, bytes] = [0, 0];
  const fetch = async (object: ObjectSummary, name: string) => {
    if (failures.length > 0) return;
    try {
      if (!(await store.download(object.key, join(folder, name), object))) return;
      files += 1;
      bytes += object.size;
    } catch (error) {
      failures.push(error);
    }
  };
  try {
    for await (const object of store.list(prefix)) {
      onListed(object);
      const name = fileName(store, object, prefix, folder);
      if (name !== null) waiting.push(limit(() => fetch(object, name)));
      if (waiting.length > MAX_WAITING) await waiting.shift();
      if (failures.length > 0) break;
    }
  } catch (error) {
    failures.push(error);
  }
  await Promise.all(waiting);
  if (failures.length > 0) throw failures[0];
  return { files, bytes };
}

/** Below the folder; null of what is no file. @throws StorageError when it would leave the folder */
function fileName(store: ObjectStore, { key, size }: ObjectSummary, prefix: string, folder: string): string | null {
  const name = key.slice(prefix.length);
  // The S3 console makes such empty objects to show a folder.
  if (name === '' || (name.endsWith('/') && size === 0)) return null;
  if (isFilePath(name)) return name;
  throw new StorageError(
    'downloadFolder',
    key,
    `${store.url}/${key}: ${show(name)} cannot be a file below ${folder}; rename the object`,
  );
}

/**
 * Removes every object under `prefix`, which ends in `/`, but for the one under the key `but`.
 * @returns how many there were.
 * @throws StorageError
 */
export async function deletePrefix(store: ObjectStore, prefix: string, but?: string): Promise<number> {
  checkFolderPrefix('deletePrefix', prefix);
  let batch: string[] = [];
  let count = 0;
  for await (const { key } of store.list(prefix)) {
    if (key === but) continue;
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
