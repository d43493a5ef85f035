import { constants } from 'node:fs';
import { access, lstat, lutimes, mkdir, readdir, readlink, rename, rm, stat, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder, makerIsGone, orNull, removeAbandoned, uniqueName } from '../storage/files.ts';
import { isIntact, removeSealed, sealFolder, sealOf } from './sealed.ts';

/** An entry that is unused for this long is removed. */
const MAX_AGE_MS = 30 * 24 * 3600 * 1000;
/** How often to check a lock that someone else holds. */
const POLL_MS = 100;
/** How often the holder of a lock touches it, and how long without that until it is considered dead. */
const BEAT_MS = 5_000;
const SILENT_MS = 60_000;

const inProcess = new Map<string, Promise<string | null>>();

export interface CacheOptions {
  /** Read-only, and filled again if a file was changed: for content that programs of many sweeps share. */
  readonly isSealed?: boolean;
}

/**
 * A cache folder, filled once per machine. `fill` writes to a temporary folder that is then renamed, under a lock that
 * other processes wait for, so an existing folder is complete. `kind` and `key` (a digest) name it. If there is no cache,
 * or it is not writable, `fallback` is filled instead, for this attempt only.
 * @throws Error if it is not writable and there is no fallback, because the content is too large for one attempt
 */
export async function cached(
  cacheFolder: string | null,
  kind: string,
  key: string,
  fallback: string | null,
  fill: (folder: string) => Promise<void>,
  options: CacheOptions = {},
): Promise<string> {
  const folder = cacheFolder === null ? null : await shared(join(cacheFolder, kind), key, fill, options);
  if (folder !== null) return folder;
  if (fallback === null)
    throw new Error(
      `there is no writable cache folder${cacheFolder === null ? '' : ` (${cacheFolder})`}; set SWEEPSTACK_CACHE to a writable folder`,
    );
  makeFolder(fallback);
  await fill(fallback);
  return fallback;
}

/** The filled folder; null if the cache is not writable. */
async function shared(
  parent: string,
  key: string,
  fill: (folder: string) => Promise<void>,
  options: CacheOptions,
): Promise<string | null> {
  const path = join(parent, key);
  let filling = inProcess.get(path);
  if (filling === undefined) {
    filling = fillOnce(parent, path, fill, options);
    inProcess.set(path, filling);
    // Failures are not cached: the next trial tries again.
    filling.catch(() => inProcess.delete(path));
  }
  return filling;
}

/** Null if the cache is not writable. */
async function fillOnce(
  parent: string,
  path: string,
  fill: (folder: string) => Promise<void>,
  { isSealed = false }: CacheOptions,
): Promise<string | null> {
  await tidy(parent);
  const isThere = async () => (await touch(path)) && (!isSealed || (await isIntact(path)));
  if (await isThere()) return path;
  if (!(await isWritable(parent))) return null;
  await withLock(`${path}.lock`, async () => {
    if (await isThere()) return;
    const temporary = `${path}.${uniqueName()}.tmp`;
    try {
      await mkdir(temporary);
      await fill(temporary);
      if (isSealed) await replaceSealed(temporary, path);
      else await place(temporary, path);
    } finally {
      await removeSealed(temporary);
    }
    await evict(parent);
  });
  return path;
}

/** Seals the new folder first, because one without a seal counts as damaged. Readers of the old can finish their open files. */
async function replaceSealed(temporary: string, path: string): Promise<void> {
  await sealFolder(temporary, sealOf(path));
  const damaged = `${path}.${uniqueName()}.tmp`;
  await orNull(rename(path, damaged));
  await removeSealed(damaged);
  await place(temporary, path);
}

/** Not writable, or no such place: HOME is /proc, /dev/null or a file. A full disk is a different error. */
const NO_PLACE = new Set([
  ...['EACCES', 'EROFS', 'EPERM'],
  ...['ENOENT', 'ENOTDIR', 'EEXIST', 'ELOOP', 'EINVAL', 'ENAMETOOLONG', 'ENODEV', 'ENOSYS', 'ENOTSUP'],
]);

async function isWritable(folder: string): Promise<boolean> {
  try {
    makeFolder(folder);
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    if (NO_PLACE.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Two processes that both took over a dead holder's lock write the same content; the first one's stays. */
async function place(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Whether the entry exists. If so, updates the time of its last use. */
async function touch(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' && (await stat(path).catch(() => null)) !== null;
  }
}

/** A symbolic link, because one system call creates it exclusively and with its holder's name. */
async function withLock(lock: string, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await symlink(uniqueName(), lock);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (await isAbandoned(lock)) await rm(lock, { force: true });
      else await sleep(POLL_MS);
    }
  }
  const beat = setInterval(() => void lutimes(lock, new Date(), new Date()).catch(() => {}), BEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(beat);
    await rm(lock, { force: true });
  }
}

/**
 * Whether the holder died: its process is gone or, because containers on a host do not see each other's processes, it has
 * not touched the lock for a long time.
 */
async function isAbandoned(lock: string): Promise<boolean> {
  const [holder, info] = await Promise.all([readlink(lock).catch(() => ''), lstat(lock).catch(() => null)]);
  return info !== null && (makerIsGone(holder) || Date.now() - info.mtimeMs > SILENT_MS);
}

/** Removes what killed processes left behind: half-filled folders, and locks of those that had just finished. */
async function tidy(parent: string): Promise<void> {
  await removeAbandoned(parent);
  for (const name of await readdir(parent).catch(() => [])) {
    const lock = join(parent, name);
    if (name.endsWith('.lock') && (await isAbandoned(lock))) await rm(lock, { force: true }).catch(() => {});
  }
}

async function evict(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const info = await stat(path).catch(() => null);
    // A seal is as old as its folder was when it was filled, and goes with it.
    const isNeeded = name.endsWith('.seal') && (await stat(path.slice(0, -'.seal'.length)).catch(() => null)) !== null;
    if (info !== null && !isNeeded && Date.now() - info.mtimeMs > MAX_AGE_MS) await removeSealed(path);
  }
}
