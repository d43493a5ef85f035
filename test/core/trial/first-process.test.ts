import { expect, test } from 'vitest';
import { gentleStop, type ProcessState } from '../../../core/trial/first-process.ts';

const process = (pid: number, parent: number, name: string, onTerm: ProcessState['onTerm'] = 'ends') => ({
  pid,
  parent,
  name,
  onTerm,
});

test('a program is told, and not its workers', () => {
  expect(gentleStop(1, [process(1, 0, 'python'), process(2, 1, 'python')]).signalled).toEqual([1]);
});

test('a shell that waits is passed over for what it started', () => {
  expect(gentleStop(1, [process(1, 0, 'sh'), process(2, 1, 'python'), process(3, 2, 'python')]).signalled).toEqual([2]);
});

test('so is a shell in a shell', () => {
  expect(gentleStop(1, [process(1, 0, 'bash'), process(2, 1, 'sh'), process(3, 2, 'python')]).signalled).toEqual([3]);
});

test('of a pipe each part is told', () => {
  expect(gentleStop(1, [process(1, 0, 'sh'), process(2, 1, 'python'), process(3, 1, 'tee')]).signalled).toEqual([2, 3]);
});

test('shells that wait are held until what they wait for has ended', () => {
  const processes = [process(1, 0, 'bash'), process(2, 1, 'sh'), process(3, 2, 'python'), process(4, 1, 'tee')];
  expect(gentleStop(1, processes)).toEqual({ signalled: [3, 4], waiting: [1, 2] });
});

test('a program that is told itself holds nobody', () => {
  expect(gentleStop(1, [process(1, 0, 'python'), process(2, 1, 'sh')]).waiting).toEqual([]);
});

test('a shell with a trap of its own is told itself', () => {
  expect(gentleStop(1, [process(1, 0, 'bash', 'handles'), process(2, 1, 'python')]).signalled).toEqual([1]);
});

test('what is deaf to it, as our watcher is, counts for nothing', () => {
  expect(gentleStop(1, [process(1, 0, 'sh'), process(2, 1, 'sh', 'ignores')]).signalled).toEqual([1]);
});

test('where nothing is known of processes the first is told', () => {
  expect(gentleStop(7, []).signalled).toEqual([7]);
});
