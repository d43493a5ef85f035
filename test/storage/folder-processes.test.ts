import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderStore } from '../../storage/folder.ts';
import { textOf } from './conformance.ts';

const ROOT = join(import.meta.dirname, '../..');
const WRITER = join(import.meta.dirname, 'folder-writer.ts');
const OWN_NODE = join(ROOT, 'node_modules/.bin/node');
// The tests may run on an older Node than the one that the project brings along for .ts files.
const NODE = existsSync(OWN_NODE) ? OWN_NODE : process.execPath;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-processes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (...words: string[]) => {
  const child = spawn(NODE, [WRITER, folder, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, lines: createInterface(child.stdout), ended: once(child, 'exit') };
};

test('of six processes that put one key if absent exactly one wins each key', { timeout: 60_000 }, async () => {
  const writers = Array.from({ length: 6 }, () => start('absent', '50'));
  const wins = await Promise.all(writers.map(async ({ lines }) => Number((await once(lines, 'line'))[0])));
  expect(wins.reduce((sum, count) => sum + count, 0)).toBe(50);
});

test('six processes that count by compare-and-set lose no update, though others are killed meanwhile', {
  timeout: 60_000,
}, async () => {
  const store = new FolderStore(folder);
  await store.put('counter', '0');
  const doomed = Array.from({ length: 3 }, () => start('churn', '1000000'));
  await Promise.all(doomed.map(({ lines }) => once(lines, 'line')));
  const writers = Array.from({ length: 6 }, () => start('count', '30'));
  await Promise.all(writers.map(({ lines }) => once(lines, 'line')));
  for (const { child, ended } of doomed) {
    child.kill('SIGKILL');
    await ended;
  }
  await Promise.all(writers.map(({ ended }) => ended));
  expect(await textOf(store, 'counter')).toBe('180');
});

test('a process killed in the middle of its puts leaves whole objects or none', { timeout: 60_000 }, async () => {
  const store = new FolderStore(folder);
  for (let round = 0; round < 3; round++) {
    const { child, lines, ended } = start('large', '1000000');
    await once(lines, 'line');
    child.kill('SIGKILL');
    await ended;
    for await (const { key, size } of store.list('large/')) {
      const { body } = (await store.get(key))!;
      expect([key, size, new Set(body).size]).toEqual([key, 2_000_000, 1]);
    }
  }
});
