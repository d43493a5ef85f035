import { expect, test } from 'vitest';
import { fitting, isOutput, outputsThatKeep, writtenEntries } from '../../../core/trial/outputs.ts';

test.each([
  ['runs/a/events.1', ['runs'], true],
  ['runs/a/events.1', ['./runs/'], true],
  ['other/runs/a', ['runs'], false],
  ['runs2/a', ['runs'], false],
  ['metrics.csv', ['*.csv'], true],
  ['logs/metrics.csv', ['*.csv'], false],
  ['logs/deep/metrics.csv', ['**/*.csv'], true],
  ['lightning_logs/version_0/metrics.csv', ['lightning_logs/version_*'], true],
  ['train.py', [], false],
])('%s with the outputs %j: %s', (path, outputs, kept) => {
  expect(isOutput(path, outputs)).toBe(kept);
});

test('offline runs of W&B are kept without asking, where the program starts', () => {
  expect(isOutput('wandb/offline-run-20261128-abc/run-abc.wandb', [])).toBe(true);
  expect(isOutput('wandb/run-20261128-abc/run-abc.wandb', [])).toBe(false);
  expect(isOutput('wandb/offline-run-1/x', [], 'experiments/a')).toBe(false);
  expect(isOutput('experiments/a/wandb/offline-run-1/x', [], 'experiments/a')).toBe(true);
});

test('what is too much is left out, the largest first', () => {
  const file = (path: string, size: number) => ({ path, size });
  const { kept, leftOut } = fitting([file('weights', 90), file('log', 10), file('more', 91)], 100);
  expect(kept.map(({ path }) => path)).toEqual(['log', 'weights']);
  expect(leftOut.map(({ path }) => path)).toEqual(['more']);
});

test('what was written is told by the names in the folder, without what Python caches', () => {
  const files = [
    { path: 'runs/a/1', size: 5 },
    { path: 'runs/b', size: 6 },
    { path: 'out.csv', size: 20 },
    { path: '__pycache__/x.pyc', size: 99 },
    { path: 'pkg/__pycache__/y.pyc', size: 99 },
  ];
  expect(writtenEntries(files)).toEqual([
    { name: 'out.csv', files: 1, bytes: 20 },
    { name: 'runs/', files: 2, bytes: 11 },
  ]);
});

test('the line that keeps what was written names folders, and files of one kind by their ending', () => {
  const entries = ['runs/', 'a.csv', 'b.csv', 'notes.txt', 'odd [1].log'].map((name) => ({ name, files: 1, bytes: 1 }));
  const line = outputsThatKeep(['logs'], entries);
  expect(line).toEqual(['logs', 'runs', '*.csv', 'notes.txt', 'odd ?1?.log']);
  expect(isOutput('odd [1].log', line)).toBe(true);
});
