import { SweepLocked } from '../core/base/errors.ts';
import { lockKey } from '../core/layout/keys.ts';
import { damagedLock, isDamagedLockStale, type Lock, lockSchema, newLock } from '../core/layout/lock.ts';
import { jsonText, parsedJson, readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

/** What owning a sweep takes of the world. */
export interface LockServices {
  readonly store: ObjectStore;
  /** Whether the execution that holds a lock still runs; true when nobody can tell; null when it may not be asked. */
  isRunning(lock: Lock): Promise<boolean | null>;
  /** What only a local run has: a person who decides about locks whose owner cannot be asked. */
  readonly takeOver?: TakeOver;
  /** The time now, as ISO 8601. */
  now(): string;
}

/** A lock that is there. */
export interface HeldLock {
  /** Null when the object is not what a lock should be, so that it names nobody. */
  readonly lock: Lock | null;
  readonly etag: string;
}

/** `lock.json`. It is written by compare-and-set alone, so that of two that want it one wins. */
export class SweepLock {
  readonly #store: ObjectStore;
  readonly #sweepId: string;
  readonly #key: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
    this.#key = lockKey(sweepId);
  }

  /** Null when nobody owns the sweep. @throws CorruptObject when the lock cannot be read */
  read(): Promise<Lock | null> {
    return readJson(this.#store, this.#key, lockSchema);
  }

  /** As `read`, for an owner: null when there is no lock at all. */
  async held(): Promise<HeldLock | null> {
    const object = await this.#store.get(this.#key);
    return object === null ? null : { lock: readLock(object.body), etag: object.etag };
  }

  /**
   * Makes an execution the sweep's one owner. Idempotent for the same execution; the lock of one that no longer runs is
   * taken over.
   * @throws SweepLocked naming the owner
   */
  async acquire(services: Omit<LockServices, 'store'>, execution: string): Promise<void> {
    const mine = jsonText(newLock(execution, services.now()));
    if (await this.#store.putIfAbsent(this.#key, mine)) return;
    const held = await this.held();
    const lock = held?.lock ?? null;
    if (lock?.execution === execution) return;
    const damage = held !== null && lock === null ? await this.damage(services.now()) : null;
    const runs = lock === null ? damage !== null && !damage.isStale : await services.isRunning(lock);
    const isFree = runs === false || (await services.takeOver?.allows(lock)) === true;
    if (isFree && (await this.#store.putIfMatch(this.#key, mine, held?.etag ?? null))) {
      if (lock !== null) services.takeOver?.took(lock);
      return;
    }
    if (damage !== null) throw new SweepLocked(damage.sentence);
    if (lock !== null && runs === null) throw this.unasked(lock);
    const remedy = lock === null ? undefined : await services.takeOver?.remedy(lock);
    throw new SweepLocked(
      `the sweep ${this.#sweepId} is owned by ${lock?.execution ?? 'another execution'} since ${lock?.since ?? 'just now'}; ` +
        (remedy ?? 'wait for it, stop it (sweep stop), or choose another sweepId'),
    );
  }

  /** Why a sweep cannot begin whose owner may not be asked whether it still runs. */
  unasked({ execution, since }: Lock): SweepLocked {
    return new SweepLocked(
      `the sweep ${this.#sweepId} is owned by ${execution} since ${since}, and it may not be asked here whether that still runs; ` +
        `if it is of another stack and has ended, or that stack is gone, delete ${this.#key} from the bucket and start the sweep again; else choose another sweepId`,
    );
  }

  /** What there is to say of a lock that cannot be read; null where it has gone. `now`: ISO 8601. */
  async damage(now: string): Promise<{ readonly sentence: string; readonly isStale: boolean } | null> {
    const time = Date.parse(now);
    for await (const { key, modified } of this.#store.list(this.#key))
      if (key === this.#key)
        return { sentence: damagedLock(key, modified, time), isStale: isDamagedLockStale(modified, time) };
    return null;
  }

  /**
   * The lock, as one who had it finds it; null: it has gone. One that cannot be read is written again: whoever takes a
   * sweep over leaves a lock that can. `now`: ISO 8601.
   */
  async kept(execution: string, now: string): Promise<Lock | null> {
    const held = await this.held();
    if (held === null || held.lock !== null) return held?.lock ?? null;
    const mine = newLock(execution, now);
    if (await this.#store.putIfMatch(this.#key, jsonText(mine), held.etag)) return mine;
    return (await this.held())?.lock ?? null;
  }

  /** Says that the owner lives; nothing happens when the lock has changed since `etag`. `now`: ISO 8601. */
  async refresh(lock: Lock, etag: string, now: string): Promise<void> {
    await this.#store.putIfMatch(this.#key, jsonText({ ...lock, refreshed: now }), etag);
  }

  /** Lets the sweep go when this execution holds it. */
  async release(execution: string): Promise<void> {
    if ((await this.held())?.lock?.execution === execution) await this.#store.delete([this.#key]);
  }
}

/** Null when it is not what a lock should be, so that it names nobody. */
export function readLock(body: Buffer): Lock | null {
  return lockSchema.safeParse(parsedJson(body)?.value).data ?? null;
}

/** How locks are taken over by hand. */
export interface TakeOver {
  /** Whether the lock may be taken although its owner counts as running; null: a lock that cannot be read. */
  allows(lock: Lock | null): Promise<boolean>;
  /** What a person can do about a lock that is held, as the end of a sentence. */
  remedy(lock: Lock): Promise<string>;
  /** Called with the owner whose lock this run has taken over, whoever allowed it. */
  took(lock: Lock): void;
}
