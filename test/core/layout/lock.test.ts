import { expect, test } from 'vitest';
import {
  isDamagedLockStale,
  isStale,
  lastHeard,
  lockSchema,
  newLock,
  REFRESH_SECONDS,
  STALE_SECONDS,
  silentSeconds,
} from '../../../core/layout/lock.ts';

const SINCE = Date.parse('2026-01-01T12:00:00.000Z');
const at = (seconds: number) => new Date(SINCE + seconds * 1000).toISOString();
const lock = newLock('local:elsewhere:1:1', at(0));

test('a lock is stale once its owner has been silent for longer than allowed', () => {
  expect(isStale(lock, at(STALE_SECONDS))).toBe(false);
  expect(isStale(lock, at(STALE_SECONDS + 1))).toBe(true);
});

test('a refresh that is late, or fails some times, makes no lock stale', () => {
  expect(STALE_SECONDS).toBeGreaterThanOrEqual(10 * REFRESH_SECONDS);
});

test('a lock of an owner whose clock is ahead is not stale', () => {
  expect(silentSeconds(lock, at(-3600))).toBe(-3600);
  expect(isStale(lock, at(-3600))).toBe(false);
  expect(lastHeard(lock, at(-3600))).toMatch(/clock is ahead/);
});

test('a lock that was never refreshed, or by no time, tells nothing', () => {
  for (const refreshed of [undefined, 'today']) {
    expect(isStale({ ...lock, refreshed }, at(1e9))).toBe(false);
    expect(lastHeard({ ...lock, refreshed }, at(1e9))).toMatch(/does not report/);
  }
});

test('how long an owner has been silent is said in seconds', () => {
  expect(lastHeard(lock, at(41.6))).toBe('last heard from 42 s ago');
});

test('a lock that cannot be read is stale once it is as old as one that is not refreshed', () => {
  const written = Date.parse(at(0));
  expect(isDamagedLockStale(written, written + STALE_SECONDS * 1000)).toBe(false);
  expect(isDamagedLockStale(written, written + STALE_SECONDS * 1000 + 1)).toBe(true);
});

test('a lock that was refreshed at no time is damaged', () => {
  expect(lockSchema.safeParse({ ...lock, refreshed: 'never' }).success).toBe(false);
});
