import { createHash } from 'node:crypto';
import { fstatSync, type Stats } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { digestOf, sha256 } from '../../core/base/digest.ts';
import { BadInput, badInput } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';
import { sourceKey, sourceListKey } from '../../core/layout/inputs.ts';
import { countsForIdentity, isSpecDocument } from '../../core/layout/source-files.ts';
import { archive } from '../../storage/archive.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { digestOfFile } from '../../storage/folder-digest.ts';
import { jsonText } from '../../storage/json.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { inTemporary } from '../../storage/temporary.ts';
import { type LeftOut, leftOutText, type WalkedFile, walkFolder } from '../../storage/walk.ts';
import { readFileList } from '../file-lists.ts';
import { readSpecFile } from '../spec-file.ts';
import { gitState } from './git.ts';
import { SourceRules } from './rules.ts';

/** The files of a source folder that trials get. */
export interface Snapshot {
  readonly folder: string;
  /** Sorted by name. */
  readonly files: readonly SourceFile[];
  readonly bytes: number;
  /**
   * SHA-256 over names, contents and whether a file may be executed: `content` of all files, `counted` of those that count
   * for what a trial is.
   */
  readonly content: string;
  readonly counted: string;
  /** Files of secrets that were left out, relative names; a program that reads one will miss it. */
  readonly withheld: readonly string[];
  /** What the rules leave out, relative names; a folder stands for all that is in it. */
  readonly leftOut: readonly string[];
  /** What cannot travel, and why: a link that leads nowhere, a FIFO. */
  readonly notes: readonly string[];
  /** What this very command writes into, relative names. */
  readonly ownOutput: readonly string[];
}

export interface SourceFile {
  /** Relative to the source, with `/`. */
  readonly name: string;
  readonly size: number;
  /** SHA-256 of the content, in hexadecimal. */
  readonly digest: string;
  readonly isExecutable: boolean;
  /** Whether another content makes another experiment. */
  readonly counts: boolean;
}

export interface SnapshotOptions {
  /** Absolute paths that are left out: the data, the workdir. */
  readonly except: readonly string[];
  /** The spec whose source it is, an absolute path. */
  readonly spec?: string;
  /** Relative names that the spec names, which then count, whatever they are. */
  readonly named?: ReadonlySet<string>;
  /** Whether this product wrote the file of this absolute path, with this digest. */
  readonly isOwnOutput?: (path: string, digest: string) => boolean;
}

export const MAX_SOURCE_BYTES = 100 * 1024 * 1024;

/** Reads the source folder. @throws BadInput above 100 MB, naming the largest files, and for what cannot be read */
export async function takeSnapshot(folder: string, options: SnapshotOptions): Promise<Snapshot> {
  const rules = new SourceRules(folder, options.except);
  const withheld: string[] = [];
  const leftOut: string[] = [];
  const walked = await walkFolder(folder, {
    within: null,
    onFolder: ({ path, isLink }) => rules.enter(path, isLink),
    skip: ({ path, isFolder }) => {
      const verdict = rules.verdict(path, isFolder);
      if (verdict === 'secret') withheld.push(path);
      if (verdict === 'leave') leftOut.push(path);
      return verdict === 'leave' || verdict === 'secret';
    },
  });
  const unreadable = walked.leftOut.filter((entry) => entry.unreadable);
  if (unreadable.length > 0) throw unreadableFile(folder, unreadable);
  const found = walked.files.filter(({ info }) => !isWrittenNow(info));
  if (found.length === 0) await refuseEmpty(folder);
  const bytes = found.reduce((sum, { info }) => sum + info.size, 0);
  if (bytes > MAX_SOURCE_BYTES) refuseSize(folder, found, bytes);
  const read = await concurrently(found, 8, (file) => readFileOf(folder, file, options));
  const files = read.filter((file) => file !== null);
  const digestOfFiles = (some: readonly SourceFile[]) =>
    digestOf(some.map(({ name, digest, isExecutable }) => [name, digest, isExecutable]));
  return {
    folder,
    files,
    bytes,
    content: digestOfFiles(files),
    counted: digestOfFiles(files.filter(({ counts }) => counts)),
    withheld: withheld.sort(),
    leftOut: leftOut.sort(),
    notes: walked.leftOut.map(leftOutText),
    ownOutput: walked.files.filter(({ info }) => isWrittenNow(info)).map(({ path }) => path),
  };
}

/** Null where it is gone. */
async function readFileOf(
  folder: string,
  { path: name, info }: WalkedFile,
  options: SnapshotOptions,
): Promise<SourceFile | null> {
  const path = join(folder, name);
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    // An editor's temporary file, removed meanwhile.
    if (error.code === 'ENOENT') return null;
    if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
    throw unreadableFile(folder, [{ path: name, why: `it cannot be read (${error.code})` }]);
  });
  if (content === null) return null;
  const digest = createHash('sha256').update(content).digest('hex');
  const counts = countsForIdentity({
    name,
    isNamed: options.named?.has(name) ?? false,
    isSpec: path === options.spec || isSpecFile(path, content),
    isOwnOutput: options.isOwnOutput?.(path, digest) ?? false,
  });
  return { name, size: info.size, digest, isExecutable: (info.mode & 0o100) !== 0, counts };
}

/** More than a spec has; a large document of data is not parsed to learn that it is none. */
const MAX_SPEC_BYTES = 256 * 1024;

function isSpecFile(path: string, content: Buffer): boolean {
  if (!/\.(ya?ml|json)$/i.test(path) || content.length > MAX_SPEC_BYTES) return false;
  if (!content.includes('search') || !content.includes('space')) return false;
  try {
    return isSpecDocument(readSpecFile(path));
  } catch {
    return false; // several documents, or none that parses: no spec
  }
}

/** `sweep run spec.yaml > out.txt`: what this very command writes into is not whole yet. */
function isWrittenNow(file: Stats): boolean {
  return [1, 2].some((descriptor) => {
    try {
      const { dev, ino } = fstatSync(descriptor);
      return dev === file.dev && ino === file.ino;
    } catch {
      return false; // closed
    }
  });
}

function unreadableFile(folder: string, unreadable: readonly Pick<LeftOut, 'path' | 'why'>[]): BadInput {
  return new BadInput(
    unreadable.slice(0, 5).map(({ path, why }) => ({
      field: 'training.source',
      message: `${folder} contains ${show(path)}: ${why}; give yourself the right to read it, or list it in .sweepignore`,
    })),
  );
}

/** Left out were all of its files: most often by a .gitignore that says more than was meant. */
async function refuseEmpty(folder: string): Promise<never> {
  const holds = (await readdir(folder)).length === 0 ? 'is empty' : 'contains no files for a trial';
  throw badInput(
    'training.source',
    `${folder} ${holds} (the data, the workdir and files matched by .gitignore and .sweepignore are left out); allowed: a folder with the code that training.command runs; correct the path or the ignore files, or remove source`,
  );
}

function refuseSize(folder: string, files: readonly WalkedFile[], bytes: number): never {
  const megabytes = (size: number) => `${(size / 1024 / 1024).toFixed(1)} MB`;
  const largest = files
    .toSorted((a, b) => b.info.size - a.info.size)
    .slice(0, 5)
    .map(({ path, info }) => `${path} (${megabytes(info.size)})`);
  throw badInput(
    'training.source',
    `${folder} holds ${megabytes(bytes)}; allowed: at most 100 MB of code; list files that are not code in .sweepignore, and set data as training.data; the largest: ${largest.join(', ')}`,
  );
}

/** What is said of files of secrets that were left out; null when there are none. */
export function withheldNote({ withheld }: Pick<Snapshot, 'withheld'>): string | null {
  if (withheld.length === 0) return null;
  const few = withheld.slice(0, 5).join(', ');
  return `${few}${withheld.length > 5 ? ', ...' : ''} ${withheld.length === 1 ? 'holds' : 'hold'} secrets, so trials get no copy; pass secrets as training.environment: { NAME: { secret: name } }, or write !${withheld[0]} in .sweepignore`;
}

/**
 * Puts the snapshot into the store, and beside it the list of its files, unless they are there and sound. `note` is told when
 * an archive had to be made again.
 */
export async function storeSnapshot(
  store: ObjectStore,
  snapshot: Snapshot,
  note: (text: string) => void,
): Promise<{ key: string; stored: boolean }> {
  const key = sourceKey(snapshot);
  const list = sourceListKey(key)!;
  const present = new Set<string>();
  for await (const object of store.list(key.slice(0, -'.tgz'.length))) present.add(object.key);
  const isThere = present.has(key);
  const known = isThere ? await readFileList(store, { source: key }) : null;
  const git = await gitOf(snapshot);
  const putList = (digest?: string) =>
    store.put(
      list,
      jsonText({
        files: snapshot.files.map(listed),
        ...(digest === undefined ? {} : { archive: digest }),
        ...(git === null ? {} : { git }),
      }),
    );
  /** The same files may be those of another commit by now. */
  const tellGit = async () => {
    if (git !== null && !isDeepStrictEqual(known?.git, git)) await putList(known?.archive);
  };
  // S3 keeps what it holds by checksums of its own; reading it again would cost a download at each start.
  if (isThere && !store.url.startsWith('file:')) {
    if (!present.has(list)) await putList();
    else await tellGit();
    return { key, stored: false };
  }
  const there = isThere ? sha256((await store.get(key))?.body ?? '') : null;
  if (there !== null && known?.archive === there) {
    await tellGit();
    return { key, stored: false };
  }
  return inTemporary(async (folder) => {
    const file = join(folder, basename(key));
    const names = snapshot.files.map(({ name }) => name);
    await archive(file, snapshot.folder, names, { gzip: true });
    const digest = await digestOfFile(file);
    await putList(digest);
    if (there === digest) return { key, stored: false };
    if (isThere) note(`${key} was damaged or written by another version; rebuilding it from training.source`);
    await store.upload(key, file, { durable: true });
    return { key, stored: true };
  });
}

const gitOf = ({ folder, files }: Snapshot) =>
  gitState(
    folder,
    files.filter(({ counts }) => counts).map(({ name }) => name),
  );

const listed = ({ name, digest, counts }: SourceFile) => ({ name, digest, ...(counts ? {} : { counts }) });
