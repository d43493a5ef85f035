import { type Dirent, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AtOnce } from './at-once.ts';
import { etagOf, orNull, orNullAtOnce } from './files.ts';
import { compareKeys, isFolderPrefix, OWN_FOLDER } from './keys.ts';
import type { ObjectSummary } from './store.ts';

/** Files asked about at a time: enough to keep the thread pool busy, few enough that a reader may stop early. */
const AT_ONCE = 64;

/**
 * The objects under `root` whose key starts with `prefix`, in the order of S3. One folder's names are in memory at a
 * time, and files are looked at as the reader gets to them. What is removed meanwhile is left out.
 */
export async function* listFolder(root: string, prefix: string, atOnce: AtOnce): AsyncGenerator<ObjectSummary> {
  const cut = prefix.lastIndexOf('/') + 1;
  const base = prefix.slice(0, cut);
  if (isFolderPrefix(base)) yield* walk(root, base, prefix.slice(cut), atOnce);
}

/** The folders right below `prefix` that hold an object somewhere, without their slash. */
export async function* listFolders(root: string, prefix: string, atOnce: AtOnce): AsyncGenerator<string> {
  if (!isFolderPrefix(prefix)) return;
  const entries = await orNull(readdir(join(root, prefix), { withFileTypes: true }));
  for (const name of sortedNames(entries ?? [], prefix, '')) {
    if (!name.endsWith('/')) continue;
    for await (const _ of walk(root, prefix + name, '', atOnce)) {
      yield name.slice(0, -1);
      break;
    }
  }
}

async function* walk(root: string, base: string, start: string, atOnce: AtOnce): AsyncGenerator<ObjectSummary> {
  const entries = await orNull(readdir(join(root, base), { withFileTypes: true }));
  let files: string[] = [];
  for (const name of sortedNames(entries ?? [], base, start)) {
    if (!name.endsWith('/')) {
      files.push(base + name);
      if (files.length < AT_ONCE) continue;
    }
    yield* summaries(root, files, atOnce);
    files = [];
    if (name.endsWith('/')) yield* walk(root, base + name, '', atOnce);
  }
  yield* summaries(root, files, atOnce);
}

/** The names that begin with `start`; a folder's with the slash that its keys go on with, which is how it is sorted. */
function sortedNames(entries: readonly Dirent[], base: string, start: string): string[] {
  const names: string[] = [];
  for (const entry of entries) {
    if (!entry.name.startsWith(start) || (base === '' && entry.name === OWN_FOLDER)) continue;
    if (entry.isFile()) names.push(entry.name);
    else if (entry.isDirectory()) names.push(`${entry.name}/`);
  }
  return names.sort(compareKeys);
}

async function* summaries(root: string, keys: readonly string[], atOnce: AtOnce): AsyncGenerator<ObjectSummary> {
  const files = await Promise.all(
    keys.map((key) => {
      const path = join(root, key);
      return atOnce.call(
        () => orNullAtOnce(() => statSync(path, { bigint: true })),
        () => orNull(stat(path, { bigint: true })),
      );
    }),
  );
  for (const [index, file] of files.entries()) {
    if (!file?.isFile()) continue;
    yield {
      key: keys[index]!,
      size: Number(file.size),
      etag: etagOf(file),
      modified: Number(file.mtimeNs / 1_000_000n),
    };
  }
}
