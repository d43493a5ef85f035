import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { newLock, STALE_SECONDS } from '../../core/layout/lock.ts';
import {
  executionOf,
  isHere,
  isRunning,
  type Owner,
  ownerOf,
  startInStat,
  thisMachine,
  thisOwner,
} from '../../local/owner.ts';

const NOW = '2026-01-01T12:00:00.000Z';
/** A lock that was refreshed so many seconds ago. */
const lockOf = (owner: Owner, silent = 0) =>
  newLock(executionOf(owner), new Date(Date.parse(NOW) - silent * 1000).toISOString());

test('an execution names host, process, start and the space of its number, and can be read again', () => {
  const owner = { host: 'node.example.org', pid: 12, start: '345', space: '0a1b2c3d' };
  expect(executionOf(owner)).toBe('local:node.example.org:12:345.0a1b2c3d');
  expect(ownerOf(executionOf(owner))).toEqual(owner);
  expect(ownerOf('arn:aws:states:eu-west-1:1:execution:a:b')).toBeNull();
});

test('an execution of an earlier release, without a space, can be read', () => {
  expect(ownerOf('local:node.example.org:12:345')).toEqual({
    host: 'node.example.org',
    pid: 12,
    start: '345',
    space: null,
  });
});

test('this process runs, however long ago its lock was refreshed', async () => {
  expect(await isRunning(lockOf(await thisOwner(), 10 * STALE_SECONDS), NOW)).toBe(true);
});

test('this process runs when the machine has been renamed since', async () => {
  expect(await isRunning(lockOf({ ...(await thisOwner()), host: 'renamed' }, 10 * STALE_SECONDS), NOW)).toBe(true);
});

test('a process id that was used again is another process', async () => {
  expect(await isRunning(lockOf({ ...(await thisOwner()), start: '1' }), NOW)).toBe(false);
});

test('a process that has ended does not run', async () => {
  const child = spawn('sleep', ['60']);
  const start = await thisMachine.startOf(child.pid!);
  const lock = lockOf({ ...(await thisOwner()), pid: child.pid!, start: start! });
  expect(await isRunning(lock, NOW)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await isRunning(lock, NOW)).toBe(false);
});

test('of two containers with one host name, neither takes the other for ended while it refreshes its lock', async () => {
  const other = { ...(await thisOwner()), pid: 1, start: '1', space: '00000000' };
  expect(isHere(other)).toBe(false);
  expect(await isRunning(lockOf(other, STALE_SECONDS), NOW)).toBe(true);
  expect(await isRunning(lockOf(other, STALE_SECONDS + 1), NOW)).toBe(false);
});

test('an owner whose start the system does not tell is never taken for a process here', async () => {
  expect(isHere({ ...(await thisOwner()), start: 'unknown' })).toBe(false);
});

test('what cannot be asked from here and does not refresh its lock counts as running', async () => {
  const { refreshed: _, ...lock } = newLock('local:elsewhere:1:1', '2020-01-01T00:00:00.000Z');
  expect(await isRunning(lock, NOW)).toBe(true);
  expect(await isRunning(newLock('arn:aws:states:eu-west-1:1:execution:a:b', '2020-01-01'), NOW)).toBe(true);
});

test('the start is field 22 whatever the name of the program, and a zombie has none', () => {
  const rest = '1 2 3 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 7 0 987654 1000 200';
  expect(startInStat(`42 (a) b) S ${rest}`)).toBe('987654');
  expect(startInStat(`42 (node) Z ${rest}`)).toBeNull();
});
