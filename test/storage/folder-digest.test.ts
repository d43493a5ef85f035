import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { identifyFolder } from '../../storage/folder-digest.ts';

let root: string;
let data: string;
let cache: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sweepstack-digest-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  data = join(root, 'data');
  cache = join(root, 'digests.json');
  mkdirSync(data);
  mkdirSync(join(root, 'elsewhere'));
});

const digest = async (isForeign?: (name: string) => boolean) => (await identifyFolder(data, cache, isForeign)).digest;

test("a class folder that is a link counts with its files' contents", async () => {
  writeFileSync(join(root, 'elsewhere', 'cat'), '1');
  symlinkSync('../elsewhere', join(data, 'cats'));
  const before = await identifyFolder(data, cache);
  expect(before.entries.map(({ name }) => name)).toEqual(['cats/cat']);
  writeFileSync(join(root, 'elsewhere', 'cat'), '2');
  expect(await digest()).not.toBe(before.digest);
});

/** As if it had been digested long after it was written: by then its digest is remembered. */
function rememberedAs(change: (known: Record<string, Record<string, unknown>>) => void): void {
  const known = JSON.parse(readFileSync(cache, 'utf8')) as Record<string, Record<string, unknown>>;
  change(known);
  writeFileSync(cache, JSON.stringify(known));
}

test('a file of the same size and time with other content is another file', async () => {
  const file = join(data, 'a.npy');
  const old = new Date('2020-01-01');
  writeFileSync(file, '1');
  utimesSync(file, old, old);
  const before = await digest();
  writeFileSync(join(root, 'new'), '7');
  utimesSync(join(root, 'new'), old, old);
  renameSync(join(root, 'new'), file);
  expect(await digest()).not.toBe(before);
});

test('a digest is remembered by size, both times and inode', async () => {
  const file = join(data, 'a');
  writeFileSync(file, '1');
  const before = await digest();
  // Not remembered in the first second, in which a second change might have the same time.
  await expect.poll(async () => (await digest()) === before && readCache() !== null, { timeout: 20_000 }).toBe(true);
  for (const field of ['size', 'modified', 'changed', 'inode']) {
    rememberedAs((known) => Object.assign(known[file]!, { digest: 'false' }));
    expect(await digest()).not.toBe(before);
    rememberedAs((known) => Object.assign(known[file]!, { [field]: 0 }));
    expect(await digest()).toBe(before);
  }
});

function readCache(): string | null {
  try {
    return readFileSync(cache, 'utf8');
  } catch {
    return null;
  }
}

test('a file that is foreign to the data is no part of it', async () => {
  writeFileSync(join(data, 'a'), '1');
  const before = await digest();
  writeFileSync(join(data, 'labels.cache'), 'index');
  expect(await digest()).not.toBe(before);
  expect(await digest((name) => name === 'labels.cache')).toBe(before);
});
