import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstOf } from '../../core/base/text.ts';
import { type FileChanges, fileChanges } from '../../core/layout/file-changes.ts';
import { identifyData, type Prepared } from '../../inputs/prepare.ts';
import { type IsWritten, readWritten, rememberWritten } from '../../inputs/written.ts';
import type { FolderIdentity } from '../../storage/folder-digest.ts';

/** Between two looks at the data, at the least; a look at a million files takes seconds. */
const EVERY_MS = 10_000;
/** A look takes no more of the time than one part in so many. */
const SHARE = 20;

/**
 * Looks after a person's own data folder, which cannot be made read-only, while trials run. New files, such as an index of the
 * labels, are remembered as the programs' own, so that the next run knows the same data. Looked for now and then, because a
 * run may be killed.
 */
export class DataGuard {
  readonly #folder: string;
  readonly #workdir: string;
  readonly #before: FolderIdentity;
  readonly #known: IsWritten;
  readonly #stopped = new AbortController();
  readonly #looking: Promise<void>;

  /** @param before the data as the sweep knows it */
  constructor(folder: string, before: FolderIdentity, workdir: string) {
    this.#folder = folder;
    this.#before = before;
    this.#workdir = workdir;
    this.#known = readWritten(workdir);
    this.#looking = this.#keepLooking();
  }

  /** What has happened to the data since the guard was set; files of earlier runs' programs are no news. */
  async stop(): Promise<FileChanges> {
    this.#stopped.abort();
    await this.#looking;
    return this.#look();
  }

  async #keepLooking(): Promise<void> {
    let took = 0;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await sleep(Math.max(EVERY_MS, took * SHARE), undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      const began = Date.now();
      // A folder that cannot be read just now is looked at again, and at the end for good.
      await this.#look().catch(() => {});
      took = Date.now() - began;
    }
  }

  async #look(): Promise<FileChanges> {
    const now = await identifyData(this.#folder, () => false);
    const changes = fileChanges({ files: [...this.#before.entries] }, { files: [...now.entries] });
    const added = new Set(changes.added);
    const fresh = now.entries
      .filter(({ name }) => added.has(name))
      .map(({ name, digest }) => ({ path: join(this.#folder, name), digest }))
      .filter(({ path, digest }) => !this.#known(path, digest));
    await rememberWritten(this.#workdir, fresh);
    return { ...changes, added: fresh.map(({ path }) => path.slice(this.#folder.length + 1)) };
  }
}

export const NO_CHANGES: FileChanges = { changed: [], added: [], removed: [] };

/** Null where there is no data, or it lies in a bucket. */
export function guardData({ spec, data, workdir }: Pick<Prepared, 'spec' | 'data' | 'workdir'>): DataGuard | null {
  return data === null || spec.training.data === undefined ? null : new DataGuard(spec.training.data, data, workdir);
}

const MAX_NAMED = 5;

/** What is said of files that trials added; null where there are none. */
export function addedNote({ added }: FileChanges): string | null {
  if (added.length === 0) return null;
  return `While trials ran, new files appeared in the data: ${firstOf(added, MAX_NAMED)}. They are treated as output of the programs, not as data. If they are data, add them under other names before you run a sweep.`;
}

/** Why the sweep's results cannot be trusted; null where no file was changed or removed. */
export function changedError({ changed, removed }: FileChanges): string | null {
  const names = [...changed, ...removed.map((name) => `${name} (removed)`)];
  if (names.length === 0) return null;
  return `training.data: while trials ran, files of the data were changed: ${firstOf(names, MAX_NAMED)}; so some trials may have trained on other data than the rest. Programs must not change what is in DATA_DIR. Restore the files and remove the sweep, or run again, which makes a new sweep on the data as it is now`;
}
