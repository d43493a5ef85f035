import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { show } from '../core/base/text.ts';
import { concurrently } from './concurrently.ts';
import { codeOf, isPart, lacksFiles, orNull } from './files.ts';

export interface WalkedFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Of what a link leads to. */
  readonly info: Stats;
}

/** What a walk passed over although nobody asked it to. */
export interface LeftOut {
  readonly path: string;
  /** Why, after "it is left out:". */
  readonly why: string;
  /** Whether it is lost only to this user: a file or folder without the right to read it. */
  readonly unreadable: boolean;
}

export interface Walked {
  /** In the order of their paths. */
  readonly files: readonly WalkedFile[];
  readonly leftOut: readonly LeftOut[];
}

export interface Entry {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Where it lies, links unresolved. */
  readonly full: string;
  /** Of what a link leads to; false where it leads nowhere. */
  readonly isFolder: boolean;
  readonly isLink: boolean;
}

export interface WalkOptions {
  /** The folders that links may lead to, links resolved; null: anywhere. */
  readonly within: readonly string[] | null;
  /** Whether the caller wants an entry passed over, and a folder with all that is in it. Nothing is noted then. */
  readonly skip?: (entry: Entry) => boolean | Promise<boolean>;
  /** Called before a folder's entries are looked at; '' is the folder itself. */
  readonly onFolder?: (entry: Omit<Entry, 'isFolder'>) => Promise<void>;
}

/** Entries of one folder under way at a time. */
const AT_ONCE = 32;

/**
 * Every file below a folder: the one rule for links, of data, of sources, and of what programs leave. Links to files and
 * folders are followed, though not in a circle. Links that lead nowhere, FIFOs, sockets, devices, and names that are no
 * UTF-8 are left out, and so is what vanishes meanwhile; all but the last are named.
 */
export async function walkFolder(folder: string, options: WalkOptions): Promise<Walked> {
  const walk = new Walk(folder, options);
  await walk.enter('', [], false);
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
  return { files: walk.files.sort(byPath), leftOut: walk.leftOut.sort(byPath) };
}

export const leftOutText = ({ path, why }: LeftOut): string => `${show(path)} is left out: ${why}`;

/** Whether a path, links resolved, lies within one of these folders, links resolved too. */
export const isWithin = (real: string, roots: readonly string[]): boolean =>
  roots.some((root) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep));

class Walk {
  readonly files: WalkedFile[] = [];
  readonly leftOut: LeftOut[] = [];
  readonly #folder: string;
  readonly #options: WalkOptions;

  constructor(folder: string, options: WalkOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  async enter(path: string, above: readonly string[], isLink: boolean): Promise<void> {
    const full = join(this.#folder, path);
    const parent = above.at(-1);
    // A folder that is no link lies in the one that holds it: the system need not be asked.
    const real = isLink || parent === undefined ? await orNull(realpath(full)) : join(parent, basename(path));
    if (real === null) return;
    if (above.includes(real)) return this.#leaveOut(path, 'it is a link to a folder that holds it');
    let entries: Dirent<Buffer>[];
    try {
      entries = await readdir(full, { encoding: 'buffer', withFileTypes: true });
    } catch (error) {
      return this.#gone(path, error);
    }
    await this.#options.onFolder?.({ path, full, isLink });
    await concurrently(entries, AT_ONCE, async (entry) => {
      const name = entry.name.toString();
      const child = path === '' ? name : `${path}/${name}`;
      if (!Buffer.from(name).equals(entry.name)) this.#leaveOut(child, 'its name is no UTF-8');
      else if (!isPart(name)) await this.#look(child, entry, [...above, real]);
    });
  }

  async #look(path: string, entry: Dirent<Buffer>, above: readonly string[]): Promise<void> {
    const full = join(this.#folder, path);
    const isLink = entry.isSymbolicLink();
    try {
      if (!isLink && (await this.#skips({ path, full, isFolder: entry.isDirectory(), isLink }))) return;
      if (entry.isDirectory()) return await this.enter(path, above, false);
      const info = isLink ? await this.#behind(path, full) : await stat(full);
      if (info === null) return;
      if (info.isDirectory()) return await this.enter(path, above, isLink);
      if (info.isFile()) this.files.push({ path, info });
      else this.#leaveOut(path, `it is ${info.isFIFO() ? 'a FIFO' : info.isSocket() ? 'a socket' : 'a device'}`);
    } catch (error) {
      await this.#gone(path, error);
    }
  }

  /** What a link leads to; null when it is passed over. */
  async #behind(path: string, full: string): Promise<Stats | null> {
    const info = await stat(full).catch((error: Error) => error);
    const isFolder = !(info instanceof Error) && info.isDirectory();
    if (await this.#skips({ path, full, isFolder, isLink: true })) return null;
    if (info instanceof Error) throw info;
    const { within } = this.#options;
    if (within === null || isWithin(await realpath(full), within)) return info;
    this.#leaveOut(path, 'it is a link that leads out of the folder');
    return null;
  }

  async #skips(entry: Entry): Promise<boolean> {
    return (await this.#options.skip?.(entry)) ?? false;
  }

  /** What a program that still runs has removed meanwhile is no loss; a link that leads nowhere stays where it is. */
  async #gone(path: string, error: unknown): Promise<void> {
    if (lacksFiles(error)) throw error;
    const code = codeOf(error);
    const entry = await lstat(join(this.#folder, path)).catch(() => null);
    if (entry === null) return;
    if (entry.isSymbolicLink() && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP'))
      return this.#leaveOut(path, `it is a link that leads ${code === 'ELOOP' ? 'in a circle' : 'nowhere'}`);
    if (code === undefined) throw error;
    this.leftOut.push({ path, why: `it cannot be read (${code})`, unreadable: true });
  }

  #leaveOut(path: string, why: string): void {
    this.leftOut.push({ path, why, unreadable: false });
  }
}
