import { lstat, readdir, readlink, symlink, unlink } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../core/base/digest.ts';
import { StorageError } from './errors.ts';
import { codeOf, orNull } from './files.ts';

/** A claim is held for a few milliseconds. One of another host, whose processes cannot be asked, is void after this. */
const FOREIGN_CLAIM_MS = 60_000;
const PATIENCE_MS = 30_000;
/** The version of an object that is not there. */
export const ABSENT = 'absent';

/**
 * Lets one process at a time replace one version of an object: compare-and-set between processes, without a server.
 *
 * A claim is a symbolic link in `folder`, created exclusively and whole by one system call; its target names the owner
 * and the version.
 * It is on a version (key and ETag), which comes only once, not on the key: when its owner was killed, the next
 * process adds claim n+1 on top of claim n, and never removes another's claim while the version still is current.
 * Removing a dead owner's lock file would race with a third process that has just done the same.
 *
 * @param isCurrent whether the version still is the object's; asked again under the claim.
 * @param replace replaces the version; runs under the claim.
 * @returns whether the version was replaced by this call.
 * @throws StorageError when a living process has held the claim for 30 s.
 */
export async function replaceVersion(
  folder: string,
  key: string,
  etag: string,
  isCurrent: () => Promise<boolean>,
  replace: () => Promise<void>,
): Promise<boolean> {
  const name = sha256(`${key}\n${etag}`).slice(0, 32);
  const deadline = performance.now() + PATIENCE_MS;
  while (await isCurrent()) {
    const turn = await claim(folder, name, `${etag} ${key}`);
    if (turn === null) {
      if (performance.now() > deadline) throw held(folder, key, name);
      await sleep(1 + Math.random() * 4);
      continue;
    }
    let replaced = false;
    try {
      if (await isCurrent()) {
        await replace();
        replaced = true;
      }
    } finally {
      await release(folder, name, turn, replaced);
    }
    return replaced;
  }
  return false;
}

const claimPath = (folder: string, name: string, turn: number): string => join(folder, `${name}.${turn}.claim`);
const owner = (): string => `${process.pid}@${hostname()}`;

/** Whether a file of the folder is a claim, by its name. */
export const isClaim = (name: string): boolean => name.endsWith('.claim');

/** The claim that this process holds now, or null while a living process holds one. */
async function claim(folder: string, name: string, version: string): Promise<number | null> {
  for (let turn = 0; ; turn++) {
    const path = claimPath(folder, name, turn);
    try {
      await symlink(`${owner()} ${version}`, path);
      return turn;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (!(await isVoid(path))) return null;
  }
}

/** Removes this process's claim, and those of the dead below it once the version they were for is gone. */
async function release(folder: string, name: string, turn: number, replaced: boolean): Promise<void> {
  for (let below = replaced ? 0 : turn; below <= turn; below++) {
    await orNull(unlink(claimPath(folder, name, below)));
  }
}

/**
 * Removes the claims that killed processes left on versions that were replaced: nobody claims those again. On a version
 * that is current they stay, for the next process to add its own on top. Never an error: the next one tries again.
 */
export async function removeSpentClaims(
  folder: string,
  currentEtag: (key: string) => Promise<string | null>,
): Promise<void> {
  for (const name of (await readdir(folder).catch(() => [])).filter(isClaim)) {
    const path = join(folder, name);
    const [, etag, key] = /^[^ ]+ ([^ ]+) (.+)$/.exec(await readlink(path).catch(() => '')) ?? [];
    // An absent object is a version that comes again.
    if (key === undefined || etag === ABSENT) continue;
    try {
      if ((await isVoid(path)) && (await currentEtag(key)) !== etag) await unlink(path);
    } catch {
      // Gone by now, or no right to remove it.
    }
  }
}

async function isVoid(path: string): Promise<boolean> {
  const target = await orNull(readlink(path));
  const made = (await orNull(lstat(path)))?.mtimeMs;
  if (target === null || made === undefined) return false;
  const at = target.indexOf('@');
  if (target.slice(at + 1).split(' ')[0] !== hostname()) return Date.now() - made > FOREIGN_CLAIM_MS;
  const booted = Date.now() - uptime() * 1000;
  return made < booted - 1000 || !isAlive(Number(target.slice(0, at)));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function held(folder: string, key: string, name: string): StorageError {
  return new StorageError(
    'putIfMatch',
    key,
    `${key} has been claimed by another process for ${PATIENCE_MS / 1000} s. If none is running, remove ` +
      `${join(folder, `${name}.*.claim`)} and run the same command again`,
  );
}
