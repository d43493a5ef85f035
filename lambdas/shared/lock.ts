import { SweepLocked } from '../../core/errors.ts';
import { lockKey } from '../../core/keys.ts';
import { type Lock, lockSchema, newLock } from '../../core/lock.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { jsonText } from '../../storage/sweeps.ts';
import type { Services } from './services.ts';

/**
 * Makes an execution the sweep's one owner. Idempotent for the same execution; the lock of one that no longer runs is
 * taken over, by compare-and-set, so that of two that try one wins.
 * @throws SweepLocked naming the owner
 */
export async function acquireLock(services: Services, sweepId: string, execution: string): Promise<void> {
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
