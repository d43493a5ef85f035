import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WORKDIR } from '../../core/spec/sweep-id.ts';
import type { Progress } from '../../core/sweep/progress.ts';
import { packageVersion } from '../../inputs/paths.ts';
import { makeFolder } from '../../storage/files.ts';

/**
 * What a run shows, in a file beside its results, so that `sweep status` in another terminal shows the same: which
 * trials run just now, and what they last reported, is in no object of the store.
 */

interface Live {
  readonly execution: string;
  readonly version: string;
  readonly progress: Progress;
}

const fileOf = (workdir: string, sweepId: string) => join(workdir, WORKDIR.live, `${sweepId}.json`);

/** With what a kill left of it half written. */
function removeLive(file: string): void {
  for (const path of [file, `${file}.part`]) rmSync(path, { force: true });
}

/** Removes what a run that was killed left. */
export const forgetLive = (workdir: string, sweepId: string): void => removeLive(fileOf(workdir, sweepId));

const EVERY_MS = 1000;

export class LiveFile {
  readonly #file: string;
  readonly #now: () => number;
  #execution: string | null = null;
  #written = Number.NEGATIVE_INFINITY;
  #latest: Progress | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(workdir: string, sweepId: string, now: () => number) {
    this.#file = fileOf(workdir, sweepId);
    this.#now = now;
  }

  /** From here on it is written, in the name of this execution. */
  begin(execution: string): void {
    this.#execution = execution;
  }

  /** Written at once, or a moment later with what is the latest then. */
  update(progress: Progress): void {
    this.#latest = progress;
    const wait = this.#written + EVERY_MS - this.#now();
    if (wait <= 0) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), wait).unref();
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#execution = null;
    removeLive(this.#file);
  }

  #write(): void {
    this.#timer = null;
    if (this.#execution === null || this.#latest === null) return;
    this.#written = this.#now();
    const live: Live = { execution: this.#execution, version: packageVersion(), progress: this.#latest };
    try {
      makeFolder(dirname(this.#file));
      writeFileSync(`${this.#file}.part`, JSON.stringify(live));
      renameSync(`${this.#file}.part`, this.#file);
    } catch {
      // A disk that is full ends no sweep for want of a picture.
    }
  }
}

/** What the run of that execution shows just now; null where there is none, or it is of another version. */
export function readLive(workdir: string, sweepId: string, execution: string): Progress | null {
  try {
    const live = JSON.parse(readFileSync(fileOf(workdir, sweepId), 'utf8')) as Live;
    return live.execution === execution && live.version === packageVersion() ? live.progress : null;
  } catch {
    return null;
  }
}
