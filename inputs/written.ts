import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import * as z from 'zod';
import { WORKDIR } from '../core/spec/sweep-id.ts';
import { writeWhole } from '../storage/files.ts';
import { digestOfFile } from '../storage/folder-digest.ts';
import { cacheFolder } from './paths.ts';

/** A file that this product, or a trial, wrote among a person's own. */
export interface WrittenFile {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of the content; another one is somebody else's. Null: of any content, as a redirected output has. */
  readonly digest: string | null;
}

/** A file whose content goes on changing. */
export const anyContent = (path: string): WrittenFile => ({ path, digest: null });

/** Whether the file of this absolute path, with this digest, was written by this product or by its trials. */
export type IsWritten = (path: string, digest: string) => boolean;

const listSchema = z.record(z.string(), z.string().nullable());

/** More than a person writes reports and models in years; a trial that writes a million files is another matter. */
const MAX_FILES = 10_000;

/**
 * The lists: in the workdir, with which they move, and in the cache, for what is written where there is none. A file stands in
 * them by its path relative to the list. No sweep's id starts with a point.
 */
function listFiles(workdir: string | null): string[] {
  const cache = cacheFolder();
  return [
    ...(workdir === null ? [] : [join(workdir, WORKDIR.live, '.written.json')]),
    ...(cache === null ? [] : [join(cache, 'written.json')]),
  ];
}

/** What was written until now. */
export function readWritten(workdir: string): IsWritten {
  const written = new Map<string, string | null>();
  for (const list of listFiles(workdir).toReversed())
    for (const [name, digest] of Object.entries(readList(list))) written.set(resolve(dirname(list), name), digest);
  return (path, digest) => {
    const known = written.get(path);
    return known !== undefined && (known === null || known === digest);
  };
}

/** Remembers files; where that cannot be written, they are taken for a person's own. @param workdir null: none is known */
export async function rememberWritten(workdir: string | null, files: readonly WrittenFile[]): Promise<void> {
  const lists = listFiles(workdir !== null && existsSync(workdir) ? workdir : null);
  const [list] = lists;
  if (list === undefined || files.length === 0) return;
  const name = (path: string) => relative(dirname(list), path);
  const known = Object.entries(readList(list)).filter(([path]) => existsSync(resolve(dirname(list), path)));
  const fresh = files.map(({ path, digest }) => [name(path), digest] as const);
  const all = Object.fromEntries([...known, ...fresh].slice(-MAX_FILES));
  await writeWhole(list, JSON.stringify(all)).catch(() => undefined);
}

/** As `rememberWritten`, with the content that the files have now. */
export async function rememberFiles(workdir: string | null, paths: readonly string[]): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => ({ path, digest: await digestOfFile(path).catch(() => null) })),
  );
  await rememberWritten(
    workdir,
    files.filter(({ digest }) => digest !== null),
  );
}

function readList(file: string): Record<string, string | null> {
  try {
    return listSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {}; // not there yet
  }
}
