import { isStale, type Lock, lastHeard, STALE_SECONDS } from '../core/layout/lock.ts';
import type { TakeOver } from '../objects/lock.ts';
import { isAlive, isHere, type Owner, ownerOf, type Processes, thisMachine } from './owner.ts';
import { removeFolder, workFolderOf } from './work-folders.ts';

/** Locks that this run may take from others, and the work folders those left here. */
export class LocalTakeOver implements TakeOver {
  readonly #workdir: string;
  readonly #asked: boolean;
  readonly #now: () => string;
  readonly #processes: Processes;
  readonly #ousted: Owner[] = [];

  /** @param asked whether `--take-over` was given */
  constructor(workdir: string, asked: boolean, now: () => string, processes: Processes = thisMachine) {
    this.#workdir = workdir;
    this.#asked = asked;
    this.#now = now;
    this.#processes = processes;
  }

  /** Never takes the lock of a live process on this machine: it would keep training, and can be stopped instead. */
  async allows(lock: Lock | null): Promise<boolean> {
    return this.#asked && (lock === null || !(await this.#livesHere(lock)));
  }

  async remedy(lock: Lock): Promise<string> {
    if (await this.#livesHere(lock)) return 'wait for it, stop it (sweep stop), or choose another sweepId';
    const waits = lock.refreshed !== undefined && !isStale(lock, this.#now());
    return (
      `that is not a process on this machine, and ${lastHeard(lock, this.#now())}; wait for it or stop it where it runs; ` +
      `if it has ended, sweep run --take-over takes the sweep over` +
      (waits ? `; otherwise the next run takes it over after ${STALE_SECONDS} s without a refresh` : '')
    );
  }

  took({ execution }: Lock): void {
    const owner = ownerOf(execution);
    if (owner !== null) this.#ousted.push(owner);
  }

  /**
   * Removes the work folders of ousted owners. Called when this run has ended: if one of them was alive, it has noticed by
   * then that it lost the lock, and nothing is left to train that its programs could spoil.
   */
  async clean(): Promise<void> {
    for (const owner of this.#ousted) await removeFolder(workFolderOf(this.#workdir, owner));
  }

  async #livesHere({ execution }: Lock): Promise<boolean> {
    const owner = ownerOf(execution);
    return owner !== null && isHere(owner, this.#processes) && (await isAlive(owner, this.#processes));
  }
}
