import type { PaidAttempt } from '../../core/money/attempts.ts';
import { type OpenAttempt, type SpentOptions, spentSoFar } from '../../core/money/spent-so-far.ts';
import type { DollarsCounted, OnEvent, SweepEvent, TrialStarted } from '../../core/sweep/events.ts';

const EVERY_MS = 1000;
/** An account of 10,000 trials takes a moment; no more than a twentieth of the time goes to them. */
const PAUSE_A_COUNT = 20;

/** Counts what a sweep costs while it runs, from its events: what has ended by its results, what runs by its time so far. */
export class Meter {
  readonly #options: SpentOptions;
  readonly #now: () => number;
  /** Each once, whoever tells of it. */
  readonly #ended = new Map<string, PaidAttempt>();
  /** By the trial's id. */
  readonly #open = new Map<string, OpenAttempt[]>();
  #isNew = false;
  #next = 0;

  /** `now`: milliseconds since 1970. */
  constructor(options: SpentOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  /** Attempts that results tell of. */
  add(attempts: readonly PaidAttempt[]): void {
    for (const attempt of attempts) this.#ended.set(`${attempt.id} ${attempt.start} ${attempt.host}`, attempt);
    this.#isNew ||= attempts.length > 0;
  }

  /** `onEvent`, told between the events what the sweep has cost by then. */
  counting(onEvent: OnEvent): OnEvent {
    return (event) => {
      this.take(event);
      const isEnd = event.type === 'sweep-ended';
      // Nothing may come after the end.
      const counted = this.#isNew && (isEnd || this.#now() >= this.#next) ? this.count() : null;
      if (counted !== null) onEvent(counted);
      onEvent(event);
    };
  }

  /** Null: no price is known. */
  count(): DollarsCounted | null {
    const now = this.#now();
    this.#isNew = false;
    const spent = spentSoFar([...this.#ended.values()], [...this.#open.values()].flat(), this.#options, now);
    this.#next = this.#now() + Math.max(EVERY_MS, PAUSE_A_COUNT * (this.#now() - now));
    return spent.dollars === null ? null : { type: 'dollars-counted', spent };
  }

  /** What an event tells of attempts. */
  take(event: SweepEvent): void {
    if (event.type === 'trial-started') this.#begin(event);
    else if (event.type === 'trial-interrupted') this.#close(event.id);
    else if (event.type === 'sweep-ended') for (const id of this.#open.keys()) this.#close(id);
    else if (event.type === 'trial-ended') {
      this.#open.delete(event.id);
      this.add(event.paid ?? []);
    }
  }

  #begin({ trial, id, since = this.#now() }: TrialStarted): void {
    if (since === null) return;
    this.#close(id);
    this.#open.set(id, [...(this.#open.get(id) ?? []), { trial, id, start: since, end: null }]);
    this.#isNew = true;
  }

  /** Its time is known by when its end was seen, until a result tells better. */
  #close(id: string): void {
    const attempts = this.#open.get(id);
    if (attempts === undefined) return;
    this.#isNew = true;
    this.#open.set(
      id,
      attempts.map((attempt) => ({ ...attempt, end: attempt.end ?? this.#now() })),
    );
  }
}
