import type { StoreCall, StoreReply, StoreWork } from '../../../../core/search/asynchronous/store-calls.ts';
import type { Clock } from './clock.ts';
import type { MemoryStore } from './memory-store.ts';

/** What may go wrong around a sweep, as chances and times in seconds. */
export interface Trouble {
  /** That a process is killed between two calls of the store. */
  readonly killedAtCall: number;
  /** That it is killed in a training. */
  readonly killedInTraining: number;
  /** Of kills, those that only Batch sees: the process works on beside its successor. */
  readonly outlives: number;
  /** That the answer of a put is lost, and the put is tried again. */
  readonly lostAnswer: number;
  /** That the answer of a submission is lost, and the array is submitted again. */
  readonly twinArray: number;
  /** When the store is away, and for how long; null: never. */
  readonly outage: { readonly from: number; readonly seconds: number } | null;
}

/** A call of a store that is away is tried for so long, then the process gives up. */
const PATIENCE_SECONDS = 600;
const RETRY_SECONDS = 30;

/** A process: its calls of the store take time, and it may be killed between any two of them. */
export class Process {
  isAlive = true;
  /** Called when it ends by itself, or is killed; the exit status, null: its host is gone. */
  onEnd: (status: number | null) => void = () => {};
  readonly #clock: Clock;
  readonly #store: MemoryStore;
  readonly #random: () => number;
  readonly #trouble: Trouble;
  readonly #mayDie: boolean;

  constructor(clock: Clock, store: MemoryStore, random: () => number, trouble: Trouble, mayDie: boolean) {
    this.#clock = clock;
    this.#store = store;
    this.#random = random;
    this.#trouble = trouble;
    this.#mayDie = mayDie;
  }

  /** Its host is lost. One that outlives that goes on, though Batch has given its place to another attempt. */
  lose(): void {
    if (!this.isAlive) return;
    if (this.#random() >= this.#trouble.outlives) this.isAlive = false;
    const end = this.onEnd;
    this.onEnd = () => {};
    end(null);
  }

  exit(status: number): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.onEnd(status);
  }

  after(seconds: number, act: () => void): void {
    this.#clock.after(seconds, () => {
      if (this.isAlive) act();
    });
  }

  /** Performs a piece of work, call by call. */
  perform<Result>(work: StoreWork<Result>, then: (result: Result) => void): void {
    const step = (next: IteratorResult<StoreCall, Result>): void => {
      if (next.done) {
        then(next.value);
        return;
      }
      if (this.#mayDie && this.#random() < this.#trouble.killedAtCall) {
        this.lose();
        if (!this.isAlive) return;
      }
      this.#call(next.value, (reply) => step(work.next(reply)));
    };
    step(work.next({ done: true }));
  }

  #call(call: StoreCall, answer: (reply: StoreReply) => void): void {
    if (call.call === 'list') this.#list(call.prefix, '', [], answer);
    else this.#reach(() => answer(this.#now(call)));
  }

  #now(call: Exclude<StoreCall, { call: 'list' }>): StoreReply {
    const store = this.#store;
    if (call.call === 'read') return { objects: call.keys.map((key) => store.read(key)) };
    const put = () =>
      call.call === 'create' ? store.create(call.key, call.body) : store.replace(call.key, call.body, call.etag);
    const done = put();
    return { done: this.#random() < this.#trouble.lostAnswer ? put() : done };
  }

  /** Page by page, so that others write between two of them. */
  #list(prefix: string, after: string, before: readonly string[], answer: (reply: StoreReply) => void): void {
    this.#reach(() => {
      const page = this.#store.page(prefix, after, PAGE);
      const keys = [...before, ...page];
      if (page.length < PAGE) answer({ keys });
      else this.#list(prefix, page.at(-1)!, keys, answer);
    });
  }

  #reach(act: () => void, waited = 0): void {
    const { outage } = this.#trouble;
    this.after(0.02 + 0.08 * this.#random(), () => {
      const isAway =
        outage !== null && this.#clock.now >= outage.from && this.#clock.now < outage.from + outage.seconds;
      if (!isAway) act();
      else if (this.#mayDie && waited >= PATIENCE_SECONDS) this.exit(75);
      else this.after(RETRY_SECONDS, () => this.#reach(act, waited + RETRY_SECONDS));
    });
  }
}

const PAGE = 16;
/** What Batch gives a child, at the most. */
export const BATCH_ATTEMPTS = 10;
