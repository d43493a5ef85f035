import { SweepLocked } from '../core/base/errors.ts';
import { type Lock, REFRESH_SECONDS } from '../core/layout/lock.ts';
import type { SweepLock } from '../objects/lock.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { ObjectStore } from '../storage/store.ts';

export interface LockKeeping {
  readonly store: ObjectStore;
  readonly sweepId: string;
  /** Whose lock it is to be. */
  readonly execution: string;
  /** The time now, as ISO 8601. */
  readonly now: () => string;
  /** Also called every REFRESH_SECONDS, whoever holds the lock. */
  readonly onBeat?: () => void;
}

/**
 * Keeps a run the one owner of its sweep. It refreshes the lock by compare-and-set, so that runs that cannot ask for
 * this process see that it lives. Whoever finds that the lock has become another's (this machine slept, its clock
 * jumped, a person took the sweep over) ends its run: `lost` is aborted, and no handler is called any more.
 */
export class LockKeeper {
  readonly #options: LockKeeping;
  readonly #lock: SweepLock;
  readonly #lost = new AbortController();
  #held = false;
  /** Handlers at work that may release the lock: a refresh at the same moment could bring it back. */
  #writing = 0;
  #stopped = false;
  #refreshing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: LockKeeping) {
    this.#options = options;
    this.#lock = sweepObjects(options.store, options.sweepId).lock;
  }

  /** Aborted, with a SweepLocked as its reason, once the lock is another's. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#options.onBeat?.();
      void this.refresh();
    }, REFRESH_SECONDS * 1000);
    // The sweep's own work keeps the process alive, not its lock.
    this.#timer.unref();
  }

  /** No refresh begins any more, and none is under way when this answers. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stopped = true;
    await this.#refreshing;
  }

  /** Says that this run lives. A store that cannot be reached just now is asked again at the next beat. */
  refresh(): Promise<void> {
    const next = async () => {
      if (!this.#stopped && this.#writing === 0) await this.#refresh().catch(() => {});
    };
    this.#refreshing = this.#refreshing.then(next);
    return this.#refreshing;
  }

  /** From here on the lock is this run's, as `acquire` has found. */
  acquired(): void {
    this.#held = true;
  }

  /**
   * Runs what writes the sweep's results, after a look at the lock; no refresh begins meanwhile.
   * @throws SweepLocked when the lock is no longer this run's; `work` is then not called
   */
  async whileHeld<T>(work: () => Promise<T>): Promise<T> {
    await this.refresh();
    await this.#requireHeld();
    this.#writing++;
    try {
      // One that had begun before ends first.
      await this.#refreshing;
      return await work();
    } finally {
      this.#writing--;
    }
  }

  async #refresh(): Promise<void> {
    if (this.#held) await this.#lock.kept(this.#options.execution, this.#options.now());
    const held = await this.#lock.held();
    const lock = held?.lock ?? null;
    if (held === null || lock?.execution !== this.#options.execution) {
      if (lock !== null) this.#lose(lock);
      return;
    }
    this.#held = true;
    await this.#lock.refresh(lock, held.etag, this.#options.now());
  }

  async #requireHeld(): Promise<void> {
    const lock = await this.#lock.kept(this.#options.execution, this.#options.now());
    if (lock?.execution === this.#options.execution) return;
    this.#held = true;
    this.#lose(lock);
    throw this.lost.reason;
  }

  /** Before this run has the lock, another's is no loss: `acquire` decides. */
  #lose(by: Lock | null): void {
    if (!this.#held) return;
    this.#lost.abort(
      new SweepLocked(
        `the sweep ${this.#options.sweepId} was taken over by ${by?.execution ?? 'someone who removed its lock'}; this run ends`,
      ),
    );
  }
}
