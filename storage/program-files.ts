import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { show } from '../core/base/text.ts';
import { codeOf, isPart, orNull } from './files.ts';

export interface ProgramFiles {
  /** Relative to the folder, with `/`. */
  readonly paths: readonly string[];
  /** What cannot be stored by its nature, and why: `fifo is left out: it is a FIFO`. */
  readonly notes: readonly string[];
}

/**
 * The files that a program left below a folder, and what cannot be stored. Links are followed where they lead to a file or
 * folder within `within` (the folder itself unless said), and not in a circle: what lies elsewhere on the machine is none
 * of the program's output.
 */
export async function programFiles(folder: string, within: readonly string[] = [folder]): Promise<ProgramFiles> {
  const roots = await Promise.all(within.map((root) => orNull(realpath(root))));
  const walk = new Walk(
    folder,
    roots.filter((root) => root !== null),
  );
  await walk.enter('', []);
  return walk;
}

/** Whether a path, links resolved, lies within one of these folders, links resolved too. */
export const isWithin = (real: string, roots: readonly string[]): boolean =>
  roots.some((root) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep));

class Walk {
  readonly paths: string[] = [];
  readonly notes: string[] = [];
  readonly #folder: string;
  readonly #roots: readonly string[];

  constructor(folder: string, roots: readonly string[]) {
    this.#folder = folder;
    this.#roots = roots;
  }

  async enter(path: string, above: readonly string[]): Promise<void> {
    const folder = join(this.#folder, path);
    const real = await orNull(realpath(folder));
    if (real === null) return;
    if (above.includes(real)) return this.#leaveOut(path, 'it is a link to a folder that holds it');
    let names: Buffer[];
    try {
      names = await readdir(folder, { encoding: 'buffer' });
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      return this.#leaveOut(path, `it cannot be read (${codeOf(error)})`);
    }
    for (const bytes of names.sort(Buffer.compare)) {
      const name = bytes.toString();
      const child = path === '' ? name : `${path}/${name}`;
      if (!Buffer.from(name).equals(bytes)) this.#leaveOut(child, 'its name is no UTF-8');
      else if (!isPart(name)) await this.#look(child, [...above, real]);
    }
  }

  async #look(path: string, above: readonly string[]): Promise<void> {
    const full = join(this.#folder, path);
    try {
      const isLink = (await lstat(full)).isSymbolicLink();
      if (isLink && !isWithin(await realpath(full), this.#roots))
        return this.#leaveOut(path, 'it is a link that leads out of the folder');
      const what = await stat(full);
      if (what.isDirectory()) return await this.enter(path, above);
      if (what.isFile()) this.paths.push(path);
      else this.#leaveOut(path, `it is ${what.isFIFO() ? 'a FIFO' : what.isSocket() ? 'a socket' : 'a device'}`);
    } catch (error) {
      await this.#gone(path, error);
    }
  }

  /** What a program that still runs has removed meanwhile is no loss; a link that leads nowhere stays where it is. */
  async #gone(path: string, error: unknown): Promise<void> {
    const link = await lstat(join(this.#folder, path)).catch(() => null);
    if (link === null) return;
    const why = codeOf(error) === 'ELOOP' ? 'in a circle' : 'nowhere';
    this.#leaveOut(
      path,
      link.isSymbolicLink() ? `it is a link that leads ${why}` : `it cannot be read (${codeOf(error)})`,
    );
  }

  #leaveOut(path: string, why: string): void {
    this.notes.push(`${show(path)} is left out: ${why}`);
  }
}
