import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { executionOf, isRunning, type Owner, type Processes, thisMachine } from './owner.ts';

/** Where trials run: `<workdir>/work/<pid>-<start>-<host>/`, a folder a run, so that none of two meets the other's files. */
export function workFolderOf(workdir: string, { host, pid, start }: Owner): string {
  return join(workdir, 'work', `${pid}-${start}-${host}`);
}

/**
 * Removes what runs left that were killed: their folders have no owner any more, and their programs ended with them
 * (runner/program.ts). Another machine's folders, and what is no run's folder, stay.
 */
export async function removeLeftovers(workdir: string, processes: Processes = thisMachine): Promise<void> {
  const parent = join(workdir, 'work');
  for (const name of await namesIn(parent)) {
    const match = /^([0-9]+)-([0-9A-Za-z]+)-(.+)$/.exec(name);
    if (match === null) continue;
    const owner: Owner = { pid: Number(match[1]), start: match[2]!, host: match[3]! };
    if (await isRunning(executionOf(owner), processes)) continue;
    await removeFolder(join(parent, name));
  }
}

/** Makes the folder of a run. */
export async function openWorkFolder(workdir: string, owner: Owner): Promise<string> {
  const folder = workFolderOf(workdir, owner);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Takes the folder of a run away when nothing is in it: an attempt that was given up may still write there. */
export async function closeWorkFolder(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch {
    // The next start removes it, once its owner has gone.
  }
}

/** Gone, or left for the next run to remove: files that a program wrote without leave to remove them fail nothing. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
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
