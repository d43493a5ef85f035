import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Unused for so long, an entry goes. */
const MAX_AGE_MS = 30 * 24 * 3600 * 1000;
/** Between two looks at a lock that somebody else holds. */
const POLL_MS = 100;

const inProcess = new Map<string, Promise<string>>();

/**
 * A folder of the cache, filled once a machine: `fill` writes into a temporary folder that is then renamed, under a lock
 * that other processes wait for, so that a folder that is there is whole. `kind` and `key` (a digest) name it. Where the
 * cache cannot be written, `fallback` is filled instead, for this attempt alone.
 */
export function cached(
  cacheFolder: string,
  kind: string,
  key: string,
  fallback: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const path = join(cacheFolder, kind, key);
  const known = inProcess.get(path);
  if (known !== undefined) return known;
  const made = fillOnce(join(cacheFolder, kind), path, fallback, fill);
  inProcess.set(path, made);
  // A failure is not remembered: the next trial tries again. Nor is a private copy: it goes with its attempt.
  made.then(
    (folder) => folder === path || inProcess.delete(path),
    () => inProcess.delete(path),
  );
  return made;
}

async function fillOnce(
  parent: string,
  path: string,
  fallback: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  if (await touch(path)) return path;
  try {
    await mkdir(parent, { recursive: true });
    await withLock(`${path}.lock`, async () => {
      if (await touch(path)) return;
      const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
      try {
        await mkdir(temporary);
        await fill(temporary);
        await rename(temporary, path);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
      await evict(parent);
    });
    return path;
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await mkdir(fallback, { recursive: true });
    await fill(fallback);
    return fallback;
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
      const file = await open(lock, 'wx');
      await file.write(String(process.pid));
      await file.close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (await isAbandoned(lock)) await rm(lock, { force: true });
      else await sleep(POLL_MS);
    }
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** The holder died. A lock that names no process yet is being written, unless it is old. */
async function isAbandoned(lock: string): Promise<boolean> {
  const [text, info] = await Promise.all([readFile(lock, 'utf8').catch(() => ''), stat(lock).catch(() => null)]);
  if (info === null) return false;
  const pid = Number(text);
  if (text === '' || !Number.isInteger(pid)) return Date.now() - info.mtimeMs > 60_000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

async function evict(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const info = await stat(path).catch(() => null);
    if (info !== null && Date.now() - info.mtimeMs > MAX_AGE_MS) await rm(path, { recursive: true, force: true });
  }
}
