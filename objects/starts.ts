import { startsPrefix } from '../core/layout/keys.ts';
import {
  attemptsIn,
  type KnownAttempt,
  parseStartEvent,
  type StartEvent,
  startEventName,
} from '../core/money/starts.ts';
import type { ObjectStore } from '../storage/store.ts';

/** When attempts began and ended, and on what: empty objects whose names say all, so that one listing tells of 1,000. */
export class StartObjects {
  readonly #store: ObjectStore;
  readonly #prefix: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#prefix = startsPrefix(sweepId);
  }

  async put(event: StartEvent): Promise<void> {
    await this.#store.putIfAbsent(`${this.#prefix}${startEventName(event)}`, '');
  }

  /** One after the other: what is there of them, when that is cut off, is the first ones. */
  async putAll(events: readonly StartEvent[]): Promise<void> {
    for (const event of events) await this.put(event);
  }

  /** By their starts. */
  async attempts(): Promise<KnownAttempt[]> {
    const events: StartEvent[] = [];
    for await (const { key } of this.#store.list(this.#prefix)) {
      const event = parseStartEvent(key.slice(this.#prefix.length));
      if (event !== null) events.push(event);
    }
    return attemptsIn(events);
  }
}
