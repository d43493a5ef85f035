import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { bytesText, firstOf } from '../../core/base/text.ts';
import type { Snapshot } from './snapshot.ts';

/** A file that trials get no copy of; a folder stands for all that is in it, and ends in `/`. */
export interface LeftOutFile {
  /** Relative to the source. */
  readonly name: string;
  /** Of what was counted: a folder of very many files has at least so many. */
  readonly bytes: number;
}

/** Nobody asks for these, and everybody has some. */
const EXPECTED = new Set(['.git', '.hg', '.svn', '.sweepstack', '.DS_Store', '__pycache__', '.ipynb_checkpoints']);

/** Files that are looked at for their sizes, in all. */
const MAX_COUNTED = 50_000;

/** What the rules leave out of a source, the largest first. */
export async function leftOutFiles({ folder, leftOut }: Snapshot): Promise<LeftOutFile[]> {
  const budget = { files: MAX_COUNTED };
  const sized: LeftOutFile[] = [];
  for (const name of leftOut) {
    if (EXPECTED.has(basename(name)) || name.endsWith('.pyc')) continue;
    const info = await lstat(join(folder, name)).catch(() => null);
    if (info !== null)
      sized.push({
        name: info.isDirectory() ? `${name}/` : name,
        bytes: await bytesOf(join(folder, name), info, budget),
      });
  }
  return sized.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

async function bytesOf(path: string, info: Stats, budget: { files: number }): Promise<number> {
  budget.files -= 1;
  if (!info.isDirectory()) return info.size;
  let bytes = 0;
  for (const name of await readdir(path).catch(() => [])) {
    if (budget.files <= 0) break;
    const below = join(path, name);
    const inside = await lstat(below).catch(() => null);
    if (inside !== null) bytes += await bytesOf(below, inside, budget);
  }
  return bytes;
}

const MAX_NAMED = 5;

/** `runs/ (1.2 GB), notes.csv (3 KB), 12 more`; null where nothing is left out. */
export function leftOutNote(files: readonly LeftOutFile[]): string | null {
  if (files.length === 0) return null;
  const named = files.map(({ name, bytes }) => `${name} (${bytesText(bytes)})`);
  return `${firstOf(named, MAX_NAMED)}; to include one, write !${files[0]!.name} in .sweepignore`;
}

/** What the spec names and no trial gets. @param data the data folder by its name in the source; null: it lies elsewhere */
export function missedNotes(leftOut: readonly string[], named: ReadonlySet<string>, data: string | null): string[] {
  return [...named].sort().flatMap((path) => {
    const left = leftOut.find((name) => path === name || path.startsWith(`${name}/`));
    if (left === undefined) return [];
    return left === data
      ? [
          `The spec names ${path}, but trials get no copy of the data: a program finds it in the folder named by DATA_DIR.`,
        ]
      : [
          `The spec names ${path}, but trials get no copy of ${left}; if the program reads it, write !${left} in .sweepignore.`,
        ];
  });
}
