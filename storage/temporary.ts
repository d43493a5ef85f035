import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makerIsGone, uniqueName } from './files.ts';

const PREFIX = 'sweepstack-';

/** A new folder in the system's temporary folder. Its name tells who made it, for `removeLeftTemporaries`. */
export async function makeTemporary(): Promise<string> {
  const folder = join(tmpdir(), PREFIX + uniqueName());
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Work in a temporary folder, which goes however the work ends; what a kill leaves goes with the next run. */
export async function inTemporary<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await removeLeftTemporaries();
  const folder = await makeTemporary();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Removes the temporary folders of this user whose maker is known to have ended: a process of this start of the machine
 * (and of this container) that is not there any more. What others made, or nobody knows who, stays. Never fails.
 */
export async function removeLeftTemporaries(): Promise<void> {
  const parent = tmpdir();
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(PREFIX) || !makerIsGone(name.slice(PREFIX.length))) continue;
    try {
      const path = join(parent, name);
      const { uid } = await lstat(path);
      if (uid === process.getuid?.()) await rm(path, { recursive: true, force: true });
    } catch {
      // Another run removes it at the same moment.
    }
  }
}
