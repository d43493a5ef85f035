import { closeSync, constants, fstatSync, linkSync, openSync, rmSync } from 'node:fs';
import { open, rename, rmdir, stat, utimes } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pLimit from 'p-limit';
import { show } from '../core/base/text.ts';
import { AtOnce, SMALL_BYTES } from './at-once.ts';
import { ObjectChanged, StorageError } from './errors.ts';
import {
  asFileError,
  codeOf,
  createFile,
  etagOf,
  isFolder,
  isLink,
  orNull,
  orNullAtOnce,
  removeAbandoned,
  replaceFile,
  uniqueName,
  uniqueTime,
  writeComplete,
} from './files.ts';
import { fill, fillAtOnce } from './fill.ts';
import { flushFile, flushFolders } from './flush.ts';
import { ABSENT, isClaim, removeSpentClaims, replaceVersion } from './folder-claim.ts';
import { listFolder, listFolders } from './folder-list.ts';
import { copyContent, currentEtag, inFolderOf, place, removeFile } from './folder-place.ts';
import { checkKey, checkRange, OWN_FOLDER } from './keys.ts';
import type { Body, KnownObject, ObjectStore, ObjectSummary, StoredObject, WriteOptions } from './store.ts';

const AT_ONCE = 32;
/** What file systems without hard links answer (FAT, some network and FUSE mounts). */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * An object store in a folder: plain files under their own keys, written elsewhere (`.tmp/`) and renamed.
 *
 * A put that has returned survives the end of its process, kill -9 included, without any fsync: the kernel has the
 * bytes. A loss of power is another matter. The conditional puts, which write what decides that work is done (a
 * result, a lock, a champion) and which nothing writes again, wait for the disk (about 1 ms on an SSD). The plain
 * puts and uploads do not: five a trial at that price would halve the rate of short trials, and what a torn log,
 * report or checkpoint of the last seconds before a loss of power costs is that it is made again. Those that are asked
 * to be durable wait for the file and for every folder above it: what a sweep is made of, a few objects a round.
 *
 * putIfMatch excludes every other putIfMatch of its key, in whatever process of this machine. A plain put or delete at
 * the same moment may be overwritten by it; so a key that is compared and set is written in no other way.
 */
export class FolderStore implements ObjectStore {
  readonly url: string;
  readonly #root: string;
  readonly #own: string;
  readonly #atOnce = new AtOnce();
  #tidied = false;

  /** @param folder absolute; made by the first put. */
  constructor(folder: string) {
    if (!isAbsolute(folder))
      throw new StorageError('open', '', `a folder store needs an absolute path, not ${show(folder)}`);
    this.#root = join(folder, '.');
    this.#own = join(this.#root, OWN_FOLDER);
    this.url = pathToFileURL(this.#root).href.replace(/\/$/, '');
  }

  async get(key: string): Promise<StoredObject | null> {
    checkKey('get', key);
    return this.#readAtOnce<StoredObject | null>(
      'get',
      key,
      (path) => readSmall(path),
      () => this.#read('get', key, async (handle, file) => ({ body: await handle.readFile(), etag: etagOf(file) })),
    );
  }

  async getRange(key: string, start: number, end: number): Promise<Buffer | null> {
    checkRange(key, start, end);
    const small = (path: string) => {
      const part = readSmall(path, start, end);
      return part == null ? part : part.body;
    };
    return this.#readAtOnce('getRange', key, small, () => this.#readRange(key, start, end));
  }

  /** @param small undefined: it is not small, so it is read through the thread pool */
  async #readAtOnce<T>(
    operation: string,
    key: string,
    small: (path: string) => T | undefined,
    pooled: () => Promise<T>,
  ): Promise<T> {
    const path = join(this.#root, key);
    try {
      return await this.#atOnce.call(() => small(path), pooled);
    } catch (error) {
      throw asFileError(operation, key, path, error);
    }
  }

  #readRange(key: string, start: number, end: number): Promise<Buffer | null> {
    return this.#read('getRange', key, (handle, file) => {
      const buffer = Buffer.alloc(Math.max(0, Math.min(end, Number(file.size)) - start));
      return fill(handle.fd, buffer, start);
    });
  }

  async put(key: string, body: Body, { durable = false }: WriteOptions = {}): Promise<string> {
    return this.#write('put', key, async (temporary, path) => {
      const etag = await writeComplete(temporary, body, durable);
      await place(temporary, path);
      if (durable) await flushFolders(dirname(path), this.#root);
      return etag;
    });
  }

  async putIfAbsent(key: string, body: Body, { durable = false }: WriteOptions = {}): Promise<boolean> {
    return this.#write('putIfAbsent', key, async (temporary, path) => {
      await writeComplete(temporary, body, true);
      const isNew = await this.#placeNew(temporary, path, key);
      if (isNew && durable) await flushFolders(dirname(path), this.#root);
      return isNew;
    });
  }

  async putIfMatch(key: string, body: Body, etag: string | null): Promise<boolean> {
    if (etag === null) return this.putIfAbsent(key, body);
    return this.#write('putIfMatch', key, async (temporary, path) => {
      const isCurrent = async () => (await currentEtag(path)) === etag;
      if (!(await isCurrent())) return false;
      await writeComplete(temporary, body, true);
      return replaceVersion(this.#own, key, etag, isCurrent, () => rename(temporary, path));
    });
  }

  async *list(prefix: string): AsyncGenerator<ObjectSummary> {
    try {
      yield* listFolder(this.#root, prefix, this.#atOnce);
    } catch (error) {
      throw asFileError('list', prefix, join(this.#root, prefix), error);
    }
  }

  async *folders(prefix: string): AsyncGenerator<string> {
    try {
      yield* listFolders(this.#root, prefix, this.#atOnce);
    } catch (error) {
      throw asFileError('folders', prefix, join(this.#root, prefix), error);
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey('delete', key);
    const folders = new Set<string>();
    await pLimit(AT_ONCE).map(keys, async (key) => {
      const path = join(this.#root, key);
      try {
        await removeFile(path);
      } catch (error) {
        throw asFileError('delete', key, path, error);
      }
      folders.add(dirname(path));
    });
    for (const folder of folders) await this.#removeEmpty(folder);
  }

  async copy(from: string, to: string, options: WriteOptions = {}): Promise<void> {
    checkKey('copy', from);
    await this.upload(to, join(this.#root, from), options);
  }

  async upload(key: string, file: string, { durable = false }: WriteOptions = {}): Promise<void> {
    await this.#write('upload', key, async (temporary, path) => {
      closeSync(createFile(temporary));
      await copyContent(file, temporary);
      const now = uniqueTime();
      await utimes(temporary, now, now);
      if (durable) await flushFile(temporary);
      await place(temporary, path);
      if (durable) await flushFolders(dirname(path), this.#root);
    });
  }

  async download(key: string, file: string, known?: KnownObject): Promise<boolean> {
    checkKey('download', key);
    const path = join(this.#root, key);
    try {
      return await replaceFile(file, async (part) => {
        const found = await orNull(stat(path, { bigint: true }));
        if (known !== undefined && (!found?.isFile() || etagOf(found) !== known.etag))
          throw new ObjectChanged('download', key, path);
        if (!found?.isFile()) return false;
        return (await orNull(copyContent(path, part).then(() => true))) ?? false;
      });
    } catch (error) {
      throw asFileError('download', key, `${path} to ${file}`, error);
    }
  }

  async #read<T>(
    operation: string,
    key: string,
    use: (handle: Awaited<ReturnType<typeof open>>, file: Parameters<typeof etagOf>[0]) => Promise<T>,
  ): Promise<T | null> {
    checkKey(operation, key);
    const path = join(this.#root, key);
    try {
      const handle = await orNull(open(path, 'r'));
      if (handle === null) return null;
      try {
        const file = await handle.stat({ bigint: true });
        return file.isFile() ? await use(handle, file) : null;
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw asFileError(operation, key, path, error);
    }
  }

  /** Runs a write with a temporary name of its own, which is gone afterwards in any case. */
  async #write<T>(operation: string, key: string, run: (temporary: string, path: string) => Promise<T>): Promise<T> {
    checkKey(operation, key);
    if (!this.#tidied) void this.#tidy();
    const temporary = join(this.#own, uniqueName());
    const path = join(this.#root, key);
    let placed = false;
    try {
      const result = await run(temporary, path);
      placed = result !== false && !operation.endsWith('Absent');
      return result;
    } catch (error) {
      throw asFileError(operation, key, path, error);
    } finally {
      if (!placed) rmSync(temporary, { force: true });
    }
  }

  async #placeNew(temporary: string, path: string, key: string): Promise<boolean> {
    try {
      inFolderOf(path, () => linkSync(temporary, path));
      return true;
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code === 'EEXIST') {
        // A folder of that name is no object: say so, instead of claiming that somebody else has written the key.
        if (await isFolder(path)) await rmdir(path);
        else if (!(await this.#removeDeadLink(path, key))) return false;
        return this.#placeNew(temporary, path, key);
      }
      if (!NO_LINKS.includes(code)) throw error;
      const isAbsent = async () => (await currentEtag(path)) === null;
      return replaceVersion(this.#own, key, ABSENT, isAbsent, () => place(temporary, path));
    }
  }

  /**
   * A link that leads to no file is no object either, and would keep the place for ever. Removed under a claim: another
   * process may have done so and put its object there since.
   */
  #removeDeadLink(path: string, key: string): Promise<boolean> {
    const isDead = async () => (await currentEtag(path)) === null && (await isLink(path));
    return replaceVersion(this.#own, key, ABSENT, isDead, () => removeFile(path));
  }

  /** Removes the folder and those above it, as far as they are empty. */
  async #removeEmpty(folder: string): Promise<void> {
    for (let path = folder; path !== this.#root; path = dirname(path)) {
      try {
        await rmdir(path);
      } catch (error) {
        // Gone already, or a put of another process made it full again: both are what is wanted.
        if (codeOf(error) !== 'ENOENT') return;
      }
    }
  }

  /** Once a process: removes what killed processes left. Never the reason that a put fails. */
  async #tidy(): Promise<void> {
    this.#tidied = true;
    await removeAbandoned(this.#own, (name) => !isClaim(name));
    await removeSpentClaims(this.#own, (key) => currentEtag(join(this.#root, key)));
  }
}

/** A small object or part of one; null when there is none, undefined when it is large. */
function readSmall(path: string, start = 0, end = Number.POSITIVE_INFINITY): StoredObject | null | undefined {
  // Not to wait, for all of the process, where a pipe is in the place of a file. Windows lacks the flag and such pipes.
  const descriptor = orNullAtOnce(() => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  if (descriptor === null) return null;
  try {
    const file = fstatSync(descriptor, { bigint: true });
    if (!file.isFile()) return null;
    const size = Math.max(0, Math.min(end, Number(file.size)) - start);
    if (size > SMALL_BYTES) return undefined;
    return { body: fillAtOnce(descriptor, Buffer.allocUnsafe(size), start), etag: etagOf(file) };
  } finally {
    closeSync(descriptor);
  }
}
