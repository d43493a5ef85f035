import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { digestOf } from '../core/base/digest.ts';
import { BadInput } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import type { DataFile } from '../core/layout/packs.ts';
import { concurrently } from './concurrently.ts';
import { writeWhole } from './files.ts';
import { leftOutText, walkFolder } from './walk.ts';

export interface FolderIdentity {
  /** SHA-256 over the files' relative names and contents. */
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
  /** The files themselves, by name. */
  readonly entries: readonly DataFile[];
  /** What could not be taken, and why: a link that leads nowhere, a FIFO. */
  readonly notes: readonly string[];
}

/** What a file's digest is remembered by. No program can set back when a file was changed, or choose its inode. */
interface CachedDigest {
  readonly size: number;
  /** Milliseconds since 1970, with the file system's fraction: of the content, and of anything about the file. */
  readonly modified: number;
  readonly changed: number;
  readonly inode: number;
  readonly digest: string;
}

/** Files of desktops, which come and go by themselves. */
const DESKTOP_FILES = new Set(['.DS_Store', 'Thumbs.db']);

/** Within so much of its last change a file may change again at the same time by the file system's clock. */
const SETTLED_MS = 1000;

/**
 * The identity of a folder of data: what its files are called and hold, not when they were written. A file's digest is
 * remembered in `cacheFile`, so that only what changed is read again; null reads all of it. Links are followed.
 * @param isForeign whether a file of this name and digest is no part of it
 * @throws BadInput for files that cannot be read
 */
export async function identifyFolder(
  folder: string,
  cacheFile: string | null,
  isForeign: (name: string, digest: string) => boolean = () => false,
): Promise<FolderIdentity> {
  const { files, leftOut } = await walkFolder(folder, {
    within: null,
    skip: ({ path, isFolder }) => !isFolder && DESKTOP_FILES.has(path.split('/').at(-1)!),
  });
  const unreadable = leftOut.filter((entry) => entry.unreadable);
  if (unreadable.length > 0) refuseUnreadable(folder, unreadable);
  const known = cacheFile === null ? {} : await readCache(cacheFile);
  const fresh: Record<string, CachedDigest> = {};
  const digested = await concurrently(files, 32, async ({ path: name, info }) => {
    const path = join(folder, name);
    const cached = known[path];
    const digest = cached !== undefined && isSame(cached, info) ? cached.digest : await digestFile(folder, name);
    if (Date.now() - info.ctimeMs > SETTLED_MS)
      fresh[path] = { size: info.size, modified: info.mtimeMs, changed: info.ctimeMs, inode: info.ino, digest };
    return { name, size: info.size, digest };
  });
  const entries = digested.filter(({ name, digest }) => !isForeign(name, digest));
  const isNews = ([path, now]: [string, CachedDigest]) => JSON.stringify(known[path]) !== JSON.stringify(now);
  if (cacheFile !== null && Object.entries(fresh).some(isNews)) {
    await writeWhole(cacheFile, JSON.stringify({ ...known, ...fresh }));
  }
  return {
    digest: digestOf(entries.map(({ name, digest }) => [name, digest])),
    files: entries.length,
    bytes: entries.reduce((sum, { size }) => sum + size, 0),
    entries,
    notes: leftOut.map(leftOutText),
  };
}

const isSame = (known: CachedDigest, info: Stats): boolean =>
  known.size === info.size &&
  known.modified === info.mtimeMs &&
  known.changed === info.ctimeMs &&
  known.inode === info.ino;

function refuseUnreadable(
  folder: string,
  unreadable: readonly { readonly path: string; readonly why: string }[],
): never {
  throw new BadInput(
    unreadable.slice(0, 5).map(({ path, why }) => ({
      field: 'training.data',
      message: `${folder} contains ${show(path)}: ${why}; give yourself the right to read it, or move it elsewhere`,
    })),
  );
}

async function digestFile(folder: string, name: string): Promise<string> {
  return digestOfFile(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
    return refuseUnreadable(folder, [{ path: name, why: `it cannot be read (${error.code})` }]);
  });
}

/** SHA-256 of a file's content, in hexadecimal. */
export async function digestOfFile(path: string): Promise<string> {
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
