import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { concurrently } from '../storage/concurrently.ts';
import { holdsNothing } from '../storage/files.ts';
import { misplacedFolder, ownPlaces } from '../storage/program-files.ts';
import { type WalkOptions, walkFolder } from '../storage/walk.ts';

/** A file of a folder that a program may be writing to. */
export interface FoundFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** By which a file is known again under its name; no program can set back when it was changed. */
  readonly unchanged: string;
  /** By which it is known under another name (`last` becomes `before`); null where the system does not tell enough. */
  readonly renamed: string | null;
}

/** Somebody who writes a file is not silent for so long. */
const QUIET_MS = 1000;

/** Files looked at at a time. */
const AT_ONCE = 16;

/** Names, sizes and times of files; empty when there are none. */
export function fingerprint(files: readonly FoundFile[]): string {
  return files.map(({ path, size, modified }) => `${path}|${size}|${modified}`).join('\n');
}

export function isQuiet(files: readonly FoundFile[]): boolean {
  return files.every(({ modified }) => Date.now() - modified > QUIET_MS);
}

/**
 * Every file below a folder, in the order of their paths, which are relative to it. Links are followed as `walkFolder`
 * follows them; one that leads out of `within` is none of the program's output, nor is what a link in place of the folder
 * leads to.
 */
export async function filesBelow(
  folder: string,
  within: readonly string[],
  skip?: WalkOptions['skip'],
): Promise<FoundFile[]> {
  // Most programs use few of the folders that they are given.
  if (holdsNothing(folder)) return [];
  if ((await misplacedFolder(folder, within)) !== null) return [];
  const { files } = await walkFolder(folder, {
    within: await ownPlaces(within),
    ...(skip === undefined ? {} : { skip }),
  });
  const found = await concurrently(files, AT_ONCE, ({ path }) => lookAt(join(folder, path), path));
  return found.filter((file) => file !== null);
}

/** A link to a file (`last.pt`) counts as that file. Null: removed meanwhile, no file, or a link that leads nowhere. */
export async function lookAt(file: string, path: string): Promise<FoundFile | null> {
  const info = await stat(file, { bigint: true }).catch(() => null);
  if (!info?.isFile()) return null;
  return {
    path,
    size: Number(info.size),
    modified: Number(info.mtimeNs) / 1e6,
    unchanged: `${info.size}|${info.mtimeNs}|${info.ctimeNs}`,
    // An inode is used again once its file is gone: only with when it was made it stands for one file.
    renamed: info.birthtimeNs === 0n ? null : `${info.ino}|${info.birthtimeNs}|${info.size}|${info.mtimeNs}`,
  };
}
