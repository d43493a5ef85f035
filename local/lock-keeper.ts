import { SweepLocked } from '../core/base/errors.ts';
import { type Lock, REFRESH_SECONDS } from '../core/layout/lock.ts';
import type { SweepLock } from '../objects/lock.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { ObjectStore } from '../storage/store.ts';

export interface LockKeeping {
  readonly store: ObjectStore;
  readonly sweepId: string;
  /** The owner to write into the lock. */
  readonly execution: string;
  /** The time now, as ISO 8601. */
  readonly now: () => string;
  /** Also called every REFRESH_SECONDS, whoever holds the lock. */
  readonly onBeat?: () => void;
}

/**
 * Keeps a run the only owner of its sweep. It refreshes the lock by compare-and-set, so that runs that cannot check this
 * process see that it is alive. If the lock turns out to belong to someone else (this machine slept, its clock jumped, or
 * a person took the sweep over), the run ends: `lost` is aborted, and no handler is called any more.
 */
export class LockKeeper {
  readonly #options: LockKeeping;
  readonly #lock: SweepLock;
  readonly #lost = new AbortController();
  #held = false;
  /** Running handlers that may release the lock: a refresh at the same moment could bring it back. */
  #writing = 0;
  #stopped = false;
  #refreshing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: LockKeeping) {
    this.#options = options;
    this.#lock = sweepObjects(options.store, options.sweepId).lock;
  }

  /** Aborted, with a SweepLocked as its reason, once someone else has the lock. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#options.onBeat?.();
      void this.refresh();
    }, REFRESH_SECONDS * 1000);
    // The sweep's work keeps the process alive; its lock must not.
    this.#timer.unref();
  }

  /** Stops refreshing. When this resolves, no refresh is under way. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stopped = true;
    await this.#refreshing;
  }

  /** Refreshes the lock. If the store cannot be reached, the next beat tries again. */
  refresh(): Promise<void> {
    const next = async () => {
      if (!this.#stopped && this.#writing === 0) await this.#refresh().catch(() => {});
    };
    this.#refreshing = this.#refreshing.then(next);
    return this.#refreshing;
  }

  /** Called once `acquire` has taken the lock for this run. */
  acquired(): void {
    this.#held = true;
  }

  /**
   * Checks the lock, then runs `work`, which writes the sweep's results. No refresh begins meanwhile.
   * @throws SweepLocked if the lock is no longer this run's; `work` is not called then
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

  /** Before this run has the lock, finding another owner is not a loss: `acquire` decides. */
  #lose(by: Lock | null): void {
    if (!this.#held) return;
    this.#lost.abort(
      new SweepLocked(
        `the sweep ${this.#options.sweepId} was taken over by ${by?.execution ?? 'someone who removed its lock'}; this run ends`,
      ),
    );
  }
}
