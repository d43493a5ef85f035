import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { holdsNothing, orNull } from './files.ts';
import { isWithin, leftOutText, walkFolder } from './walk.ts';

export interface ProgramFiles {
  /** Relative to the folder, with `/`. */
  readonly paths: readonly string[];
  /** What cannot be stored by its nature, and why: `fifo is left out: it is a FIFO`. */
  readonly notes: readonly string[];
}

/**
 * The files that a program left below a folder, and what cannot be stored. Links are followed where they lead to a file or
 * folder within `within` (the folder itself unless said): what lies elsewhere on the machine is none of the program's
 * output.
 */
export async function programFiles(folder: string, within: readonly string[] = [folder]): Promise<ProgramFiles> {
  if (holdsNothing(folder)) return { paths: [], notes: [] };
  const misplaced = await misplacedFolder(folder, within);
  if (misplaced !== null) return { paths: [], notes: [`nothing is stored: ${misplaced}`] };
  const { files, leftOut } = await walkFolder(folder, { within: await ownPlaces(within) });
  return { paths: files.map(({ path }) => path), notes: leftOut.map(leftOutText) };
}

/** Where folders lie, links above them resolved: what a program may have put in their place is not followed. */
export async function ownPlaces(folders: readonly string[]): Promise<string[]> {
  const parents = [...new Set(folders.map((folder) => dirname(folder)))];
  const real = await Promise.all(parents.map((parent) => realpath(parent).catch(() => null)));
  return folders.flatMap((folder) => {
    const parent = real[parents.indexOf(dirname(folder))];
    return parent == null ? [] : [join(parent, basename(folder))];
  });
}

/**
 * What a program left in place of a folder that it was given, in words; null for a folder, where nothing is there, and for
 * a link to what is in one of the folders `within`.
 */
export async function misplacedFolder(folder: string, within: readonly string[]): Promise<string | null> {
  if (holdsNothing(folder)) return null;
  const info = await orNull(lstat(folder));
  if (info === null || info.isDirectory()) return null;
  if (!info.isSymbolicLink()) return 'it is not a folder any more; write files into the folder that is given';
  const real = await realpath(folder).catch(() => null);
  if (real !== null && isWithin(real, await ownPlaces(within)) && (await stat(real)).isDirectory()) return null;
  return 'it was replaced with a link, which is not followed; write files into the folder that is given';
}
