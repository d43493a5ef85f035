import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { downloadData, uploadData } from '../../storage/data-packs.ts';
import { FolderStore } from '../../storage/folder.ts';
import { identifyFolder } from '../../storage/folder-digest.ts';

let root: string;
let data: string;
let store: FolderStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sweepstack-packs-'));
  data = join(root, 'data');
  mkdirSync(join(data, 'cats'), { recursive: true });
  mkdirSync(join(data, 'dogs'));
  writeFileSync(join(data, 'cats', 'a.png'), 'a');
  writeFileSync(join(data, 'cats', 'b ü.png'), 'b');
  writeFileSync(join(data, 'dogs', 'c.png'), Buffer.alloc(17 * 1024 * 1024, 7));
  store = new FolderStore(join(root, 'store'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const identity = () => identifyFolder(data, join(root, 'digests.json'));

test('what was uploaded comes back as the same folder', async () => {
  const before = await identity();
  await uploadData(store, data, before);
  const back = join(root, 'back');
  mkdirSync(back);
  await downloadData(store, before.digest, back);
  expect((await identifyFolder(back, join(root, 'other.json'))).digest).toBe(before.digest);
});

test('a second upload sends nothing', async () => {
  expect((await uploadData(store, data, await identity())).uploaded).toBe(2);
  expect((await uploadData(store, data, await identity())).uploaded).toBe(0);
});

test('an upload that broke off goes on with what is missing', async () => {
  const before = await identity();
  await uploadData(store, data, before);
  await store.delete([`data/${before.digest}/index.json`]);
  for await (const { key } of store.list('data/packs/')) await store.delete([key]);
  expect((await uploadData(store, data, before)).uploaded).toBe(1);
});

test('a changed small file does not send the large one again', async () => {
  await uploadData(store, data, await identity());
  writeFileSync(join(data, 'cats', 'a.png'), 'changed');
  expect(await uploadData(store, data, await identity())).toMatchObject({ uploaded: 1, bytes: 8 });
});

test('two names of one file, and a linked folder, travel as files', async () => {
  linkSync(join(data, 'cats', 'a.png'), join(data, 'cats', 'hard.png'));
  symlinkSync('cats', join(data, 'lions'));
  const before = await identity();
  await uploadData(store, data, before);
  const back = join(root, 'back');
  mkdirSync(back);
  await downloadData(store, before.digest, back);
  expect(readFileSync(join(back, 'lions', 'hard.png'), 'utf8')).toBe('a');
});

test("a linked file's content travels", async () => {
  writeFileSync(join(root, 'elsewhere'), 'linked');
  symlinkSync(join(root, 'elsewhere'), join(data, 'cats', 'link.png'));
  const before = await identity();
  await uploadData(store, data, before);
  const back = join(root, 'back');
  mkdirSync(back);
  await downloadData(store, before.digest, back);
  expect(readFileSync(join(back, 'cats', 'link.png'), 'utf8')).toBe('linked');
});

test('an archive that leads out of the folder is refused', async () => {
  const before = await identity();
  await uploadData(store, data, before);
  const evil = join(root, 'evil.tar');
  symlinkSync('/etc', join(root, 'way-out'));
  await create({ file: evil, cwd: root }, ['way-out']);
  for await (const { key } of store.list('data/packs/')) await store.upload(key, evil);
  const back = join(root, 'back');
  mkdirSync(back);
  await expect(downloadData(store, before.digest, back)).rejects.toThrow(/way-out \(SymbolicLink\)/);
});

test('a pack that holds other bytes than were uploaded is refused', async () => {
  const before = await identity();
  await uploadData(store, data, before);
  for await (const { key } of store.list('data/files/')) await store.put(key, Buffer.alloc(17 * 1024 * 1024, 8));
  const back = join(root, 'back');
  mkdirSync(back);
  await expect(downloadData(store, before.digest, back)).rejects.toThrow(/is not what was uploaded; delete data\//);
});
