import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../storage/files.ts';

/** Unused for so long, an entry goes. */
const MAX_AGE_MS = 30 * 24 * 3600 * 1000;
/** Between two looks at a lock that somebody else holds. */
const POLL_MS = 100;
/** How often the holder of a lock touches it, and after how long without that it is taken for dead. */
const BEAT_MS = 5_000;
const SILENT_MS = 60_000;

const inProcess = new Map<string, Promise<string | null>>();

/**
 * A folder of the cache, filled once a machine: `fill` writes into a temporary folder that is then renamed, under a lock
 * that other processes wait for, so that a folder that is there is whole. `kind` and `key` (a digest) name it. Where there
 * is no cache, or it cannot be written, `fallback` is filled instead, for this attempt alone.
 * @throws Error where it cannot be written and there is no fallback, because it is too large for one attempt
 */
export async function cached(
  cacheFolder: string | null,
  kind: string,
  key: string,
  fallback: string | null,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = cacheFolder === null ? null : await shared(join(cacheFolder, kind), key, fill);
  if (folder !== null) return folder;
  if (fallback === null)
    throw new Error(
      `there is no cache folder that can be written${cacheFolder === null ? '' : ` (${cacheFolder})`}; set SWEEPSTACK_CACHE to a folder that can`,
    );
  await makeFolder(fallback);
  await fill(fallback);
  return fallback;
}

/** The filled folder; null: the cache cannot be written. */
async function shared(parent: string, key: string, fill: (folder: string) => Promise<void>): Promise<string | null> {
  const path = join(parent, key);
  let filling = inProcess.get(path);
  if (filling === undefined) {
    filling = fillOnce(parent, path, fill);
    inProcess.set(path, filling);
    // A failure is not remembered: the next trial tries again.
    filling.catch(() => inProcess.delete(path));
  }
  return filling;
}

/** Null: the cache cannot be written. */
async function fillOnce(parent: string, path: string, fill: (folder: string) => Promise<void>): Promise<string | null> {
  if (await touch(path)) return path;
  if (!(await isWritable(parent))) return null;
  await withLock(`${path}.lock`, async () => {
    if (await touch(path)) return;
    const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
    try {
      await mkdir(temporary);
      await fill(temporary);
      await place(temporary, path);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    await evict(parent);
  });
  return path;
}

/** No right to write there, or no such place: HOME is /proc, /dev/null, a file. A full disk is another matter. */
const NO_PLACE = new Set([
  ...['EACCES', 'EROFS', 'EPERM'],
  ...['ENOENT', 'ENOTDIR', 'EEXIST', 'ELOOP', 'EINVAL', 'ENAMETOOLONG', 'ENODEV', 'ENOSYS', 'ENOTSUP'],
]);

async function isWritable(folder: string): Promise<boolean> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    if (NO_PLACE.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Two that both took over a dead one's lock fill the same content: the first one's stays. */
async function place(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Whether the entry is there; its time then says that it was used. */
async function touch(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' && (await stat(path).catch(() => null)) !== null;
  }
}

async function withLock(lock: string, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await writeFile(lock, await thisProcess(), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (await isAbandoned(lock)) await rm(lock, { force: true });
      else await sleep(POLL_MS);
    }
  }
  const beat = setInterval(() => void touch(lock).catch(() => {}), BEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(beat);
    await rm(lock, { force: true });
  }
}

/**
 * The holder died: its process is not there any more, or, since the containers of a host do not see each other's
 * processes (each has its own number 1) and numbers are given out again, it has not touched the lock for long.
 */
async function isAbandoned(lock: string): Promise<boolean> {
  const [text, info] = await Promise.all([readFile(lock, 'utf8').catch(() => ''), stat(lock).catch(() => null)]);
  if (info === null) return false;
  if (Date.now() - info.mtimeMs > SILENT_MS) return true;
  const [pid, ...space] = text.split(' ');
  if (`${process.pid} ${space.join(' ')}` !== (await thisProcess())) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** This process, and the space in which its number means something: on Linux its namespace of processes, else the host. */
async function thisProcess(): Promise<string> {
  return `${process.pid} ${await readlink('/proc/self/ns/pid').catch(hostname)}`;
}

async function evict(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const info = await stat(path).catch(() => null);
    if (info !== null && Date.now() - info.mtimeMs > MAX_AGE_MS) await rm(path, { recursive: true, force: true });
  }
}
