import { expect, test } from 'vitest';
import { gentlyStopped, type ProcessState } from '../../../core/trial/first-process.ts';

const process = (pid: number, parent: number, name: string, onTerm: ProcessState['onTerm'] = 'ends') => ({
  pid,
  parent,
  name,
  onTerm,
});

test('a program is told, and not its workers', () => {
  expect(gentlyStopped(1, [process(1, 0, 'python'), process(2, 1, 'python')])).toEqual([1]);
});

test('a shell that waits is passed over for what it started', () => {
  expect(gentlyStopped(1, [process(1, 0, 'sh'), process(2, 1, 'python'), process(3, 2, 'python')])).toEqual([2]);
});

test('so is a shell in a shell', () => {
  expect(gentlyStopped(1, [process(1, 0, 'bash'), process(2, 1, 'sh'), process(3, 2, 'python')])).toEqual([3]);
});

test('of a pipe each part is told', () => {
  expect(gentlyStopped(1, [process(1, 0, 'sh'), process(2, 1, 'python'), process(3, 1, 'tee')])).toEqual([2, 3]);
});

test('a shell with a trap of its own is told itself', () => {
  expect(gentlyStopped(1, [process(1, 0, 'bash', 'handles'), process(2, 1, 'python')])).toEqual([1]);
});

test('what is deaf to it, as our watcher is, counts for nothing', () => {
  expect(gentlyStopped(1, [process(1, 0, 'sh'), process(2, 1, 'sh', 'ignores')])).toEqual([1]);
});

test('where nothing is known of processes the first is told', () => {
  expect(gentlyStopped(7, [])).toEqual([7]);
});
