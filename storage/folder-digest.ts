import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { digestOf } from '../core/base/digest.ts';
import type { DataFile } from '../core/layout/packs.ts';
import { concurrently } from './concurrently.ts';
import { writeWhole } from './files.ts';

export interface FolderIdentity {
  /** SHA-256 over the files' relative names and contents. */
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
  /** The files themselves, by name. */
  readonly entries: readonly DataFile[];
}

interface CachedDigest {
  size: number;
  /** Milliseconds since 1970, with the file system's fraction. */
  modified: number;
  digest: string;
}

/**
 * The identity of a folder of data: what its files are called and hold, not when they were written. A file's digest is
 * remembered in `cacheFile` by path, size and time, so that only what changed is read again; null reads all of it.
 */
export async function identifyFolder(folder: string, cacheFile: string | null): Promise<FolderIdentity> {
  const names = (await filesBelow(folder)).sort();
  const known = cacheFile === null ? {} : await readCache(cacheFile);
  const fresh: Record<string, CachedDigest> = {};
  const entries = await concurrently(names, 32, async (name) => {
    const path = join(folder, name);
    const { size, mtimeMs: modified } = await stat(path);
    const cached = known[path];
    const digest = cached?.size === size && cached.modified === modified ? cached.digest : await digestFile(path);
    fresh[path] = { size, modified, digest };
    return { name, size, digest };
  });
  if (
    cacheFile !== null &&
    names.some((name) => known[join(folder, name)]?.digest !== fresh[join(folder, name)]?.digest)
  ) {
    await writeWhole(cacheFile, JSON.stringify({ ...known, ...fresh }));
  }
  return {
    digest: digestOf(entries.map(({ name, digest }) => [name, digest])),
    files: entries.length,
    bytes: entries.reduce((sum, { size }) => sum + size, 0),
    entries,
  };
}

/** The regular files below a folder, as relative names with `/`; hidden files of desktops are passed over. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name === '.DS_Store' || entry.name === 'Thumbs.db') continue;
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() || (entry.isSymbolicLink() && (await stat(path)).isFile())) {
      names.push(path.slice(folder.length + 1).replaceAll('\\', '/'));
    }
  }
  return names;
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function readCache(file: string): Promise<Record<string, CachedDigest>> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return {}; // not there yet, or torn by a crash: everything is read again
  }
}
