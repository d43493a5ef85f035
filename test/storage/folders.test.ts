import { spawnSync } from 'node:child_process';
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
  expect(await uploadFolder(store, folder, 'm/')).toEqual({ files: 2, bytes: 3, notes: [] });
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

test('a whole store is a folder as well', async () => {
  await writeFile(join(folder, 'f'), 'x');
  await uploadFolder(store, folder, 'm/');
  expect(await downloadFolder(store, '', join(scratch, 'whole'))).toEqual({ files: 1, bytes: 1 });
  expect(await readFile(join(scratch, 'whole/m/f'), 'utf8')).toBe('x');
});

test('what cannot be stored is left out or renamed, and said', async () => {
  await writeFile(join(folder, 'a\\b'), 'x');
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff])]), 'x');
  await symlink('/etc/passwd', join(folder, 'secret'));
  await symlink('self', join(folder, 'self'));
  await symlink('nowhere', join(folder, 'broken'));
  spawnSync('mkfifo', [join(folder, 'pipe')]);
  const { notes } = await uploadFolder(store, folder, 'm/');
  expect(await keysOf(store, 'm/')).toEqual(['m/a%5Cb']);
  expect(notes).toEqual([
    '"a\\\\b" is stored as "a%5Cb"',
    '"broken" is left out: it is a link that leads nowhere',
    '"f\ufffd" is left out: its name is no UTF-8',
    '"pipe" is left out: it is a FIFO',
    '"secret" is left out: it is a link that leads out of the folder',
    '"self" is left out: it is a link that leads in a circle',
  ]);
});

test('a link out of the folder is followed into the folders that belong to it', async () => {
  const other = await mkdtemp(join(scratch, 'other-'));
  await writeFile(join(other, 'last.pt'), 'x');
  await symlink(join(other, 'last.pt'), join(folder, 'best.pt'));
  expect((await uploadFolder(store, folder, 'm/', [folder, other])).files).toBe(1);
});

test('a file that too many open files keep closed is an error, not left out', async () => {
  await writeFile(join(folder, 'f'), 'x');
  const script = `
    import { open } from 'node:fs/promises';
    import { uploadFolder } from ${JSON.stringify(join(import.meta.dirname, '../../storage/folders.ts'))};
    const upload = async () => { for (const held = [];;) held.push(await open('/dev/null')); };
    await uploadFolder({ upload }, ${JSON.stringify(folder)}, 'm/').then(({ notes }) => console.log(notes), ({ code }) => console.log(code));
    process.exit();`;
  const limited = ['-c', 'ulimit -n 64; exec "$0" --input-type=module-typescript -e "$1"', process.execPath, script];
  const { stdout } = spawnSync('sh', limited, { encoding: 'utf8' });
  expect(stdout).toBe('EMFILE\n');
});

test('a store that refuses is an error, not a file that is left out', async () => {
  await writeFile(join(folder, 'f'), 'x');
  store.upload = () => Promise.reject(new Error('refused'));
  await expect(uploadFolder(store, folder, 'm/')).rejects.toThrow('refused');
});

test('what a killed download left is not uploaded', async () => {
  await writeFile(join(folder, '.sweep-1-ab.part'), 'x');
  expect(await uploadFolder(store, folder, 'm/')).toEqual({ files: 0, bytes: 0, notes: [] });
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

test('each object that a download lists is told, whether it becomes a file or not', async () => {
  const objects = ['m/', 'm/a', 'm/b'].map((key) => ({ key, size: 0, etag: key, modified: 0 }));
  store.list = async function* () {
    yield* objects;
  };
  store.download = async () => true;
  const listed: ObjectSummary[] = [];
  await downloadFolder(store, 'm/', folder, (object) => listed.push(object));
  expect(listed).toEqual(objects);
});

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

test('64 objects are under way at once, and no more', async () => {
  for (let index = 0; index < 100; index++) await store.put(`m/${index}`, '');
  let [underWay, most] = [0, 0];
  const everyone = Promise.withResolvers<void>();
  store.download = async () => {
    most = Math.max(most, ++underWay);
    if (most === 64) everyone.resolve();
    await everyone.promise;
    underWay -= 1;
    return true;
  };
  expect(await downloadFolder(store, 'm/', folder)).toEqual({ files: 100, bytes: 0 });
  expect(most).toBe(64);
});

test('a failed download ends when nothing is under way any more, and begins nothing', async () => {
  for (let index = 0; index < 200; index++) await store.put(`m/${index}`, '');
  let begun = 0;
  const slow = Promise.withResolvers<boolean>();
  store.download = () => (++begun === 64 ? Promise.reject(new Error('the connection broke')) : slow.promise);
  let isOver = false;
  const downloading = downloadFolder(store, 'm/', folder).finally(() => {
    isOver = true;
  });
  downloading.catch(() => undefined);
  await expect.poll(() => begun).toBe(64);
  expect(isOver).toBe(false);
  slow.resolve(true);
  await expect(downloading).rejects.toThrow('the connection broke');
  expect(begun).toBe(64);
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
