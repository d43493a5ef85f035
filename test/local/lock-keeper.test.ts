import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lockKey } from '../../core/layout/keys.ts';
import { newLock } from '../../core/layout/lock.ts';
import { LockKeeper } from '../../local/lock-keeper.ts';
import { readLock } from '../../objects/lock.ts';
import { FolderStore } from '../../storage/folder.ts';
import { jsonText } from '../../storage/json.ts';

const KEY = lockKey('s-1');
let folder: string;
let store: FolderStore;
let time: number;
let keeper: LockKeeper;
const now = () => new Date(time).toISOString();
const hold = (execution: string) => store.put(KEY, jsonText(newLock(execution, now())));
const lock = async () => readLock((await store.get(KEY))!.body);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-keeper-'));
  store = new FolderStore(folder);
  time = Date.parse('2026-01-01T12:00:00.000Z');
  keeper = new LockKeeper({ store, sweepId: 's-1', execution: 'mine', now });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a refresh says when, and leaves the rest of the lock', async () => {
  await hold('mine');
  time += 10_000;
  await keeper.refresh();
  expect(await lock()).toEqual({ ...newLock('mine', '2026-01-01T12:00:00.000Z'), refreshed: now() });
});

test("another's lock is no loss before this run had it", async () => {
  await hold('theirs');
  await keeper.refresh();
  expect(keeper.lost.aborted).toBe(false);
  expect((await lock())?.execution).toBe('theirs');
});

test('a run whose lock has become another one ends, by its name', async () => {
  await hold('mine');
  await keeper.refresh();
  await hold('theirs');
  await keeper.refresh();
  expect(keeper.lost.reason).toMatchObject({ name: 'SweepLocked', message: expect.stringContaining('theirs') });
  expect((await lock())?.execution).toBe('theirs');
});

test('nothing is written for a run that has lost its lock', async () => {
  await hold('mine');
  keeper.acquired();
  await hold('theirs');
  const work = vi.fn(async () => 1);
  await expect(keeper.whileHeld(work)).rejects.toMatchObject({ name: 'SweepLocked' });
  expect(work).not.toHaveBeenCalled();
});

test('a lock that was damaged under a run is written again, and ends nothing', async () => {
  await hold('mine');
  await keeper.refresh();
  await store.put(KEY, 'torn');
  expect(await keeper.whileHeld(async () => 1)).toBe(1);
  expect((await lock())?.execution).toBe('mine');
});

test("a damaged lock that this run never had stays another's", async () => {
  await store.put(KEY, 'torn');
  await keeper.refresh();
  expect((await store.get(KEY))?.body.toString()).toBe('torn');
});

test('nothing is written for a run whose lock was removed with its sweep', async () => {
  await hold('mine');
  keeper.acquired();
  await store.delete([KEY]);
  await expect(keeper.whileHeld(async () => 1)).rejects.toThrow(/someone who removed its lock/);
});

test('a lock that was released while results were written does not come back', async () => {
  await hold('mine');
  await keeper.whileHeld(async () => {
    const beat = keeper.refresh();
    await store.delete([KEY]);
    await beat;
  });
  await keeper.refresh();
  expect(await store.get(KEY)).toBeNull();
  expect(keeper.lost.aborted).toBe(false);
});

test('a store that cannot be reached costs a beat and no more', async () => {
  await hold('mine');
  const reading = vi.spyOn(store, 'get').mockRejectedValueOnce(new Error('no network'));
  await keeper.refresh();
  reading.mockRestore();
  time += 20_000;
  await keeper.refresh();
  expect((await lock())?.refreshed).toBe(now());
});

test('no refresh comes after the end', async () => {
  await hold('mine');
  await keeper.stop();
  time += 20_000;
  await keeper.refresh();
  expect((await lock())?.refreshed).toBe('2026-01-01T12:00:00.000Z');
});
