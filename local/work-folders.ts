import { readdir, rmdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { STALE_SECONDS } from '../core/layout/lock.ts';
import { WORKDIR } from '../core/spec/sweep-id.ts';
import { makeFolder, removeTree } from '../storage/files.ts';
import { isAlive, isHere, type Owner, type Processes, thisMachine } from './owner.ts';

/**
 * Where trials run: `<workdir>/work/<pid>-<start>.<space>-<host>/`, one folder per run, so that runs never share files.
 */
export function workFolderOf(workdir: string, { host, pid, start, space }: Owner): string {
  return join(workdir, WORKDIR.work, `${pid}-${start}${space === null ? '' : `.${space}`}-${host}`);
}

/** Beside the runs' folders: trainings that could not be stored, by sweep. They outlive their run. */
export const UNSTORED = 'unstored';

/**
 * Removes the folders of killed runs: they have no owner any more, and their programs ended with them (runner/program.ts).
 * A run that cannot be checked from here touches its folder while it lives (`touchFolder`). Folders that tell neither, and
 * those that are no run's, stay.
 */
export async function removeLeftovers(workdir: string, processes: Processes = thisMachine): Promise<void> {
  const parent = join(workdir, WORKDIR.work);
  for (const name of await namesIn(parent)) {
    const match = /^([0-9]+)-([0-9A-Za-z]+)(?:\.([0-9a-f]{8}))?-(.+)$/.exec(name);
    if (match === null) continue;
    const owner: Owner = { pid: Number(match[1]), start: match[2]!, space: match[3] ?? null, host: match[4]! };
    const folder = join(parent, name);
    const isLeft = isHere(owner, processes) ? !(await isAlive(owner, processes)) : await isSilent(owner, folder);
    if (isLeft) await removeFolder(folder);
  }
}

async function isSilent({ space }: Owner, folder: string): Promise<boolean> {
  // Earlier releases, which name no space, did not touch their folders.
  if (space === null) return false;
  try {
    return Date.now() - (await stat(folder)).mtimeMs > STALE_SECONDS * 1000;
  } catch {
    return false; // gone meanwhile
  }
}

/** Tells runs on other machines that this folder's run is alive. */
export async function touchFolder(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => {});
}

/** Makes the folder of a run. */
export async function openWorkFolder(workdir: string, owner: Owner): Promise<string> {
  const folder = workFolderOf(workdir, owner);
  makeFolder(folder);
  return folder;
}

/** Removes a run's folder if it is empty: an abandoned attempt may still be writing there. */
export async function closeWorkFolder(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch {
    // The next start removes it, once its owner has gone.
  }
}

/** Removes it, or leaves it to the next run: files that a program made undeletable cause no failure. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await removeTree(folder);
  } catch {
    // Tried again at the next start.
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // nothing ran here yet
  }
}
