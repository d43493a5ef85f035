import { SweepLocked } from '../core/base/errors.ts';
import { lockKey } from '../core/layout/keys.ts';
import { type Lock, lockSchema, newLock } from '../core/layout/lock.ts';
import { jsonText } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

/** What owning a sweep takes of the world. */
export interface LockServices {
  readonly store: ObjectStore;
  /** Whether the execution that holds a lock still runs; true when nobody can tell. */
  isRunning(lock: Lock): Promise<boolean>;
  /** What only a local run has: a person who decides about locks whose owner cannot be asked. */
  readonly takeOver?: TakeOver;
  /** The time now, as ISO 8601. */
  now(): string;
}

/**
 * Makes an execution the sweep's one owner. Idempotent for the same execution; the lock of one that no longer runs is
 * taken over, by compare-and-set, so that of two that try one wins.
 * @throws SweepLocked naming the owner
 */
export async function acquireLock(services: LockServices, sweepId: string, execution: string): Promise<void> {
  const { store } = services;
  const key = lockKey(sweepId);
  const mine = jsonText(newLock(execution, services.now()));
  if (await store.putIfAbsent(key, mine)) return;
  const held = await store.get(key);
  const lock = held === null ? null : readLock(held.body);
  if (lock?.execution === execution) return;
  const isFree = lock === null || !(await services.isRunning(lock)) || (await services.takeOver?.allows(lock)) === true;
  if (isFree && (await store.putIfMatch(key, mine, held?.etag ?? null))) {
    if (lock !== null) services.takeOver?.took(lock);
    return;
  }
  const remedy = lock === null ? undefined : await services.takeOver?.remedy(lock);
  throw new SweepLocked(
    `the sweep ${sweepId} is owned by ${lock?.execution ?? 'another execution'} since ${lock?.since ?? 'just now'}; ` +
      (remedy ?? 'wait for it, stop it (sweep stop), or choose another sweepId'),
  );
}

/** Lets the sweep go when this execution holds it. */
export async function releaseLock(store: ObjectStore, sweepId: string, execution: string): Promise<void> {
  const held = await store.get(lockKey(sweepId));
  if (held !== null && readLock(held.body)?.execution === execution) await store.delete([lockKey(sweepId)]);
}

/** Null when it is not what a lock should be: nobody owns a sweep by it. */
export function readLock(body: Buffer): Lock | null {
  try {
    return lockSchema.safeParse(JSON.parse(body.toString())).data ?? null;
  } catch {
    return null;
  }
}

/** How locks are taken over by hand. */
export interface TakeOver {
  /** Whether the lock may be taken although its owner counts as running. */
  allows(lock: Lock): Promise<boolean>;
  /** What a person can do about a lock that is held, as the end of a sentence. */
  remedy(lock: Lock): Promise<string>;
  /** Told whose lock this run has taken over, whoever allowed it. */
  took(lock: Lock): void;
}
