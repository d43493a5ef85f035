import { SweepLocked } from '../../core/errors.ts';
import { lockKey } from '../../core/keys.ts';
import { lockSchema } from '../../core/lock.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { jsonText } from '../../storage/sweeps.ts';
import type { Services } from './services.ts';

/**
 * Makes an execution the sweep's one owner. Idempotent for the same execution; the lock of one that no longer runs is
 * taken over, by compare-and-set, so that of two that try one wins.
 * @throws SweepLocked naming the owner
 */
export async function acquireLock(services: Services, sweepId: string, execution: string): Promise<void> {
  const key = lockKey(sweepId);
  const mine = jsonText({ execution, owner: execution, since: services.now() });
  if (await services.store.putIfAbsent(key, mine)) return;
  const held = await services.store.get(key);
  const lock = held === null ? null : lockSchema.safeParse(safeJson(held.body)).data;
  if (lock?.execution === execution) return;
  const stale = lock === undefined || lock === null || !(await services.isRunning(lock.execution));
  if (stale && (await services.store.putIfMatch(key, mine, held?.etag ?? null))) return;
  throw new SweepLocked(
    `the sweep ${sweepId} is owned by ${lock?.execution ?? 'another execution'} since ${lock?.since ?? 'just now'}; ` +
      'wait for it, stop it (sweep stop), or choose another sweepId',
  );
}

/** Lets the sweep go when this execution holds it. */
export async function releaseLock(store: ObjectStore, sweepId: string, execution: string): Promise<void> {
  const held = await store.get(lockKey(sweepId));
  if (held !== null && lockSchema.safeParse(safeJson(held.body)).data?.execution === execution) {
    await store.delete([lockKey(sweepId)]);
  }
}

function safeJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
