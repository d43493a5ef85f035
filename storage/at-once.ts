import { setImmediate } from 'node:timers/promises';

/** So few bytes are read, written or copied at once: the way through the thread pool would cost several times as much. */
export const SMALL_BYTES = 64 * 1024;
/** Calls at once before everything else of the process gets its turn: a few milliseconds on a disk of this machine. */
const SLICE = 64;
/** Calls that are then left to the thread pool before another slice is tried. */
const POOLED = 1000;

/**
 * Small calls to the file system, made at once: the way through Node's thread pool costs seven times as much of a
 * processor as to read a small file. Nothing else of the process runs meanwhile, so they are made in slices, and where most
 * calls of one were slow, the pool, which waits for several at a time, makes the next ones.
 */
export class AtOnce {
  readonly #now: () => number;
  readonly #slow: number;
  #left = SLICE;
  #slowCalls = 0;
  #pooled = 0;
  #turn: Promise<void> | null = null;

  /**
   * @param slow milliseconds of a call that are too many: a disk has to seek, or the files are on another machine
   * @param now milliseconds
   */
  constructor(slow = 0.5, now = () => performance.now()) {
    this.#slow = slow;
    this.#now = now;
  }

  /** @param atOnce undefined: it is too much to be done at once, so the pool does it */
  async call<T>(atOnce: () => T | undefined, pooled: () => Promise<T>): Promise<T> {
    while (this.#left === 0) {
      this.#turn ??= this.#othersTurn();
      await this.#turn;
    }
    if (this.#pooled > 0) {
      this.#pooled -= 1;
      return pooled();
    }
    this.#left -= 1;
    const start = this.#now();
    let done: T | undefined;
    try {
      done = atOnce();
    } finally {
      if (this.#now() - start > this.#slow) this.#slowCalls += 1;
    }
    return done === undefined ? pooled() : done;
  }

  async #othersTurn(): Promise<void> {
    await setImmediate();
    this.#pooled = this.#slowCalls > SLICE / 2 ? POOLED : 0;
    this.#left = SLICE;
    this.#slowCalls = 0;
    this.#turn = null;
  }
}
