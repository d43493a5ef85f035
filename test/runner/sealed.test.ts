import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

let cache: string;
let fills: number;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'sweepstack-sealed-'));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  fills = 0;
});

/** As in a process of its own: a folder that was believed once is believed by its process. */
async function fetched(): Promise<string> {
  vi.resetModules();
  const { cached } = await import('../../runner/cache.ts');
  return cached(
    cache,
    'data',
    'key',
    null,
    async (folder) => {
      fills += 1;
      mkdirSync(join(folder, 'cats'));
      writeFileSync(join(folder, 'cats', 'a'), 'a');
    },
    { isSealed: true },
  );
}

test('a sealed folder is read-only', async () => {
  const folder = await fetched();
  const mode = (...names: string[]) => statSync(join(folder, ...names)).mode & 0o777;
  expect([mode(), mode('cats'), mode('cats', 'a')]).toEqual([0o555, 0o555, 0o444]);
});

test('it is believed as long as its files are what was written', async () => {
  const folder = await fetched();
  expect(await fetched()).toBe(folder);
  expect(fills).toBe(1);
});

test.runIf(process.getuid?.() === 0)('one whose file was changed or removed is filled again', async () => {
  const file = join(await fetched(), 'cats', 'a');
  writeFileSync(file, 'b');
  await fetched();
  expect([readFileSync(file, 'utf8'), fills]).toEqual(['a', 2]);
  rmSync(file);
  await fetched();
  expect([readFileSync(file, 'utf8'), fills]).toEqual(['a', 3]);
});

test.runIf(process.getuid?.() === 0)('what a program wrote beside the files stays, for whoever reads it', async () => {
  const file = join(await fetched(), 'labels.cache');
  writeFileSync(file, 'index');
  await fetched();
  expect([readFileSync(file, 'utf8'), fills]).toEqual(['index', 1]);
});
