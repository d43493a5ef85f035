import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { executionOf, isRunning, ownerOf, startInStat, thisMachine, thisOwner } from '../../local/owner.ts';

test('an execution names host, process and start, and can be read again', () => {
  const owner = { host: 'node.example.org', pid: 12, start: '345' };
  expect(executionOf(owner)).toBe('local:node.example.org:12:345');
  expect(ownerOf(executionOf(owner))).toEqual(owner);
  expect(ownerOf('arn:aws:states:eu-west-1:1:execution:a:b')).toBeNull();
});

test('this process runs', async () => {
  expect(await isRunning(executionOf(await thisOwner()))).toBe(true);
});

test('a process id that was used again is another process', async () => {
  expect(await isRunning(executionOf({ ...(await thisOwner()), start: '1' }))).toBe(false);
});

test('a process that has ended does not run', async () => {
  const child = spawn('sleep', ['60']);
  const start = await thisMachine.startOf(child.pid!);
  const execution = executionOf({ host: thisMachine.host, pid: child.pid!, start: start! });
  expect(await isRunning(execution)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await isRunning(execution)).toBe(false);
});

test('what cannot be asked from here counts as running', async () => {
  expect(await isRunning('local:elsewhere:1:1')).toBe(true);
  expect(await isRunning('arn:aws:states:eu-west-1:1:execution:a:b')).toBe(true);
});

test('the start is field 22 whatever the name of the program, and a zombie has none', () => {
  const rest = '1 2 3 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 7 0 987654 1000 200';
  expect(startInStat(`42 (a) b) S ${rest}`)).toBe('987654');
  expect(startInStat(`42 (node) Z ${rest}`)).toBeNull();
});
