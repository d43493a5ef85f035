import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  fstatSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeFile as writeToFile,
} from 'node:fs';
import { lstat, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AtOnce, SMALL_BYTES } from './at-once.ts';
import { AccessDenied, StorageError } from './errors.ts';
import { processSpace } from './process-space.ts';
import type { Body } from './store.ts';

/** The `code` of an error of Node's, e.g. `ENOENT`; undefined for any other error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the system lacks files that may be open: says nothing of the file that was to be opened. */
export const lacksFiles = (error: unknown): boolean => ['EMFILE', 'ENFILE'].includes(codeOf(error) ?? '');

/** Whether a local file or disk failed, not a connection. */
export function isFileError(error: unknown): boolean {
  const call = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  const isFileCall = call === 'open' || call === 'stat' || call === 'read' || call === 'write';
  return isFileCall && !['ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(codeOf(error) ?? '');
}

/** What a system answers where there is no file: a file may be in the place of a folder, or a link lead to itself. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Runs an operation on a file; null when there is no such file. */
export async function orNull<T>(operation: Promise<T>): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The same of an operation that is made at once. */
export function orNullAtOnce<T>(operation: () => T): T | null {
  try {
    return operation();
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const isMissing = (error: unknown): boolean => NO_FILE.includes(codeOf(error) ?? '');

/** A name that no other process uses. Sorts by nothing. */
export const uniqueName = (): string => `${processSpace()}-${process.pid}-${randomBytes(8).toString('hex')}`;

const UNIQUE = /(?<![0-9a-f])([0-9a-f]{8})-([0-9]+)-[0-9a-f]{16}(?![0-9a-f])/;

/** Whether the process that made the unique name within this name is known to have ended. */
export function makerIsGone(name: string): boolean {
  const [, space, pid] = UNIQUE.exec(name) ?? [];
  if (space !== processSpace()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

/** What a process that cannot be asked about left is removed after this; no write takes as long without a change. */
const ABANDONED_MS = 24 * 3600 * 1000;

/**
 * Removes what killed processes left in a folder: temporary files and folders of theirs, known by the unique name within
 * their own. Never an error: another process may do the same at this moment, and the next one tries again.
 * @param isTemporary which names are those of temporary files; default: those with a unique name in them
 */
export async function removeAbandoned(
  folder: string,
  isTemporary = (name: string) => UNIQUE.test(name),
): Promise<void> {
  for (const name of (await readdir(folder).catch(() => [])).filter(isTemporary)) {
    const path = join(folder, name);
    try {
      const isOld = async () => Date.now() - (await lstat(path)).mtimeMs > ABANDONED_MS;
      if (makerIsGone(name) || (await isOld())) await rm(path, { recursive: true, force: true });
    } catch {
      // Gone by now, or no right to remove it.
    }
  }
}

const PART = /^\.sweep-.*\.part$/;

/** The temporary name beside `file` while it is being downloaded; no longer than 50 bytes, whatever the file's. */
export const partOf = (file: string): string => join(dirname(file), `.sweep-${uniqueName()}.part`);

/** Whether a file is one that a download left when its process was killed. */
export const isPart = (file: string): boolean => PART.test(basename(file));

/**
 * Makes a folder and those above it that are missing. Node's own recursive mkdir never returns, and hears no signal, where
 * a system answers that the parent is missing though it is there, as /proc does.
 */
export function makeFolder(folder: string): void {
  const make = () => {
    try {
      mkdirSync(folder);
      return null;
    } catch (error) {
      return missingParent(folder, error);
    }
  };
  const missing = make();
  if (missing === null) return;
  if (dirname(folder) === folder) throw missing;
  makeFolder(dirname(folder));
  const still = make();
  if (still !== null) throw still;
}

/** Null: the folder is there, maybe made by another process of the same moment. @throws any other error than ENOENT */
function missingParent(folder: string, error: unknown): Error | null {
  if (hasFolder(folder)) return null;
  if (error instanceof Error && codeOf(error) === 'ENOENT') return error;
  throw error;
}

/** Whether there is a folder, or a link to one. */
export function hasFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Whether nothing is there, or a folder without an entry: true of most folders that a program is given. What is there
 * instead, a link among it, is for others to look at.
 */
export function holdsNothing(folder: string): boolean {
  try {
    const info = lstatSync(folder, { throwIfNoEntry: false });
    return info === undefined || (info.isDirectory() && readdirSync(folder).length === 0);
  } catch (error) {
    return codeOf(error) === 'ENOTDIR';
  }
}

/** A folder of so many entries is removed at once, in less time than others notice. */
const FEW_ENTRIES = 64;

/** Milliseconds for a small folder that are too many: ten times what a disk that is not asked at each entry needs. */
const SLOW_REMOVAL = 5;

const removals = new AtOnce(SLOW_REMOVAL);

/**
 * Removes a file or a folder with all that is in it, if it is there. A small folder at once, where that is quick: a call that
 * goes through the thread pool takes several times as much of the processor. Some disks take milliseconds for each entry.
 */
export async function removeTree(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  await removals.call(
    () => removedFew(path) || undefined,
    () => rm(path, { recursive: true, force: true, maxRetries: 3 }).then(() => true),
  );
}

/** False when some of it is still there: it holds more than a few entries, or what is in the way may go away by itself. */
function removedFew(path: string): boolean {
  let left = FEW_ENTRIES;
  try {
    if (lstatSync(path).isDirectory()) return emptied(path);
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }

  function emptied(folder: string): boolean {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (left-- === 0) return false;
      const inside = join(folder, entry.name);
      if (!entry.isDirectory()) unlinkSync(inside);
      else if (!emptied(inside)) return false;
    }
    rmdirSync(folder);
    return true;
  }
}

/** Opens a new file for writing, making its folder when that is missing. */
export function createFile(file: string): number {
  try {
    return openSync(file, 'wx');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    makeFolder(dirname(file));
    return openSync(file, 'wx');
  }
}

/**
 * Fills a file beside `file` and renames it there, so that `file` is whole or not there. A failure leaves nothing.
 * @param fill writes the file whose name it gets; false when there is nothing to write, then no file is made.
 */
export async function replaceFile(file: string, fill: (part: string) => Promise<boolean>): Promise<boolean> {
  makeFolder(dirname(file));
  const part = partOf(file);
  try {
    if (!(await fill(part))) return false;
    await rename(part, file);
    return true;
  } finally {
    await rm(part, { force: true });
  }
}

/** Puts a whole file over the one that is there, if any, and removes what killed writers left beside it. */
export async function writeWhole(file: string, body: Body): Promise<void> {
  await replaceFile(file, async (part) => {
    await writeFile(part, body);
    return true;
  });
  // The folder may be a person's own: only names that nothing else has.
  await removeAbandoned(dirname(file), isPart);
}

/** Seconds since 1970, never the same twice on one machine: see `etagOf`. */
export function uniqueTime(): number {
  const belowOneMillisecond = Number(process.hrtime.bigint() % 1_000_000n) / 1e6;
  return (Date.now() + belowOneMillisecond) / 1000;
}

const writeLater = promisify<number, Body>(writeToFile);
const flushLater = (fd: number) => promisify(fdatasync)(fd);

/** Writes a complete new file; a failure leaves none. `durable`: it survives a loss of power once this returns. */
export async function writeComplete(file: string, body: Body, durable: boolean): Promise<string> {
  const fd = createFile(file);
  try {
    if (body.length <= SMALL_BYTES) writeFileSync(fd, body);
    else await writeLater(fd, body);
    const now = uniqueTime();
    futimesSync(fd, now, now);
    if (durable) await flushLater(fd);
    return etagOf(fstatSync(fd, { bigint: true }));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * A version of a file: its inode, its size and its time of modification. Nothing is read for it, so that listing
 * 100,000 objects stays cheap. Every put makes a new inode and sets a time of its own (`uniqueTime`): the kernel's
 * clock for files ticks every 4 ms, within which a freed inode comes back with the same size.
 */
export function etagOf(file: { ino: bigint; size: bigint; mtimeNs: bigint }): string {
  return `${file.ino.toString(16)}-${file.size.toString(16)}-${file.mtimeNs.toString(16)}`;
}

/** What the file system said, as an error that says what to do. Errors of the domain pass through. */
export function asFileError(operation: string, key: string, place: string, error: unknown): Error {
  if (error instanceof StorageError) return error;
  const code = codeOf(error);
  const remedy = code === undefined ? undefined : REMEDIES[code];
  const reason = error instanceof Error ? error.message : String(error);
  const message = `${operation} of ${place} failed: ${remedy ?? reason}${remedy === undefined ? '' : ` (${reason})`}`;
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  return new (denied ? AccessDenied : StorageError)(operation, key, message, { cause: error });
}

const CONFLICT =
  'a folder cannot hold a file and a folder with the same name; move away what does not belong there, and run the same command again';

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'no permission; let this user read and write there, or choose another folder',
  EPERM: 'no permission; let this user read and write there, or choose another folder',
  EROFS: 'the file system is read-only; choose another folder',
  ENOSPC: 'the disk is full; free space and run the same command again',
  EDQUOT: 'the disk quota is used up; free space and run the same command again',
  EMFILE: 'too many open files; raise the limit (ulimit -n)',
  ENAMETOOLONG: 'the name is too long for this file system; choose a shorter name, or a store nearer to the root',
  EISDIR: CONFLICT,
  ENOTDIR: CONFLICT,
  EEXIST: CONFLICT,
  ENOTEMPTY: CONFLICT,
};

/** Whether there is a folder where a file is wanted. */
export async function isFolder(path: string): Promise<boolean> {
  return (await orNull(stat(path)))?.isDirectory() ?? false;
}

/** Whether a link is there, wherever it leads. */
export async function isLink(path: string): Promise<boolean> {
  return (await orNull(lstat(path)))?.isSymbolicLink() ?? false;
}
