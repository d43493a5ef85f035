import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FolderStore } from '../../storage/folder.ts';
import { deletePrefix, downloadFolder, uploadFolder } from '../../storage/folders.ts';
import type { ObjectSummary } from '../../storage/store.ts';
import { keysOf, textOf } from './conformance.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sweep-folders-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

let store: FolderStore;
let folder: string;
beforeEach(async () => {
  store = new FolderStore(await mkdtemp(join(scratch, 'store-')));
  folder = await mkdtemp(join(scratch, 'folder-'));
});

test('a folder goes up and comes down with its subfolders', async () => {
  await mkdir(join(folder, 'step/1/.tmp'), { recursive: true });
  await writeFile(join(folder, 'weights.bin'), 'abc');
  await writeFile(join(folder, 'step/1/.tmp/état'), '');
  expect(await uploadFolder(store, folder, 'm/')).toEqual({ files: 2, bytes: 3 });
  const down = join(scratch, 'down');
  expect(await downloadFolder(store, 'm/', down)).toEqual({ files: 2, bytes: 3 });
  expect(await readFile(join(down, 'weights.bin'), 'utf8')).toBe('abc');
  expect(await readdir(join(down, 'step/1/.tmp'))).toEqual(['état']);
});

test('links are followed, but not in a circle, and a broken one is left out', async () => {
  await mkdir(join(folder, 'step-1'));
  await writeFile(join(folder, 'step-1/f'), 'x');
  await symlink('step-1', join(folder, 'latest'));
  await symlink('..', join(folder, 'step-1/up'));
  await symlink('nowhere', join(folder, 'broken'));
  await uploadFolder(store, folder, 'm/');
  expect(await keysOf(store, 'm/')).toEqual(['m/latest/f', 'm/step-1/f']);
});

test('what a killed download left is not uploaded', async () => {
  await writeFile(join(folder, '.sweep-1-ab.part'), 'x');
  expect(await uploadFolder(store, folder, 'm/')).toEqual({ files: 0, bytes: 0 });
});

test.each(['../evil', '/etc/x', 'a/../../x', 'a//b', 'a\\..\\x'])(
  'the key %s does not leave the folder',
  async (name) => {
    const object: ObjectSummary = { key: `m/${name}`, size: 1, etag: '', modified: 0 };
    store.list = async function* () {
      yield object;
    };
    store.download = () => Promise.reject(new Error('must not be asked for'));
    await expect(downloadFolder(store, 'm/', folder)).rejects.toThrow(/cannot be a file below/);
  },
);

test("a folder's marker of the S3 console is left out", async () => {
  store.list = async function* () {
    yield { key: 'm/', size: 0, etag: '', modified: 0 };
    yield { key: 'm/a/', size: 0, etag: '', modified: 0 };
  };
  expect(await downloadFolder(store, 'm/', folder)).toEqual({ files: 0, bytes: 0 });
});

test('a failed download is the error of the whole', async () => {
  for (let index = 0; index < 30; index++) await store.put(`m/${index}`, '');
  store.download = () => Promise.reject(new Error('the connection broke'));
  await expect(downloadFolder(store, 'm/', folder)).rejects.toThrow('the connection broke');
});

test('deletePrefix removes what is below and nothing beside it', async () => {
  for (const key of ['m/a/1', 'm/a/b/2', 'm/ab']) await store.put(key, key);
  expect(await deletePrefix(store, 'm/a/')).toBe(2);
  expect(await keysOf(store, '')).toEqual(['m/ab']);
  expect(await textOf(store, 'm/ab')).toBe('m/ab');
});

test.each(['', 'm', '/', '../'])('the prefix %j is refused', async (prefix) => {
  await expect(deletePrefix(store, prefix)).rejects.toThrow(/must name a folder of keys and end in \//);
  await expect(uploadFolder(store, folder, prefix)).rejects.toThrow(/must name a folder/);
});
