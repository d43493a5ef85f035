import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { uniqueName } from '../../storage/files.ts';
import { FolderStore } from '../../storage/folder.ts';
import { removeSpentClaims, replaceVersion } from '../../storage/folder-claim.ts';
import { describeStore, keysOf, textOf } from './conformance.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sweep-folder-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));
const newFolder = () => mkdtemp(join(scratch, 's-'));

describeStore('a folder', async () => new FolderStore(await newFolder()));

describe('a folder', () => {
  let folder: string;
  let store: FolderStore;
  beforeEach(async () => {
    folder = await newFolder();
    store = new FolderStore(folder);
  });

  test('objects are plain files under their own names', async () => {
    await store.put('sweeps/a/spec.json', '{}');
    expect(await readFile(join(folder, 'sweeps/a/spec.json'), 'utf8')).toBe('{}');
  });

  test('reading does not make the folder', async () => {
    const none = join(folder, 'none');
    const reader = new FolderStore(none);
    expect([await reader.get('a'), await keysOf(reader, '')]).toEqual([null, []]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('nothing temporary stays behind', async () => {
    const etag = await store.put('k', '1');
    await store.putIfMatch('k', '2', etag);
    await store.putIfMatch('k', '3', etag);
    await store.putIfAbsent('k', '4');
    await store.putIfAbsent('l', '5');
    await store.upload('m', join(folder, 'k'));
    await store.put('k/below', 'x').catch(() => undefined);
    expect(await readdir(join(folder, '.tmp'))).toEqual([]);
  });

  test.each(['put', 'putIfAbsent'] as const)('%s says that a key cannot be a file and a folder', async (operation) => {
    await store.put('a/b', '');
    await store.put('c', '');
    await expect(store[operation]('a', '')).rejects.toThrow(/a file and a folder with the same name/);
    await expect(store[operation]('c/d', '')).rejects.toThrow(/a file and a folder with the same name/);
    expect(await keysOf(store, '')).toEqual(['a/b', 'c']);
  });

  test.each(['put', 'putIfAbsent'] as const)('%s takes the place of an empty folder', async (operation) => {
    await mkdir(join(folder, 'a'));
    await store[operation]('a', 'x');
    expect(await textOf(store, 'a')).toBe('x');
  });

  test.each([
    ['nowhere', 'gone'],
    ['to itself', 'a'],
  ])('a link that leads %s is no object, and a put takes its place', async (_, target) => {
    await symlink(target, join(folder, 'a'));
    expect(await store.get('a')).toBeNull();
    expect(await store.putIfAbsent('a', 'x')).toBe(true);
    expect(await textOf(store, 'a')).toBe('x');
    expect(await readdir(join(folder, '.tmp'))).toEqual([]);
  });

  test('a pipe that nobody writes to is no object, and is not waited for', async () => {
    spawnSync('mkfifo', [join(folder, 'a')]);
    expect(await store.get('a')).toBeNull();
  });

  test('a link to a file is an object, which a put of what is absent leaves', async () => {
    await writeFile(join(folder, 'elsewhere'), '1');
    await symlink('elsewhere', join(folder, 'a'));
    expect(await store.putIfAbsent('a', 'x')).toBe(false);
    expect(await textOf(store, 'a')).toBe('1');
  });

  test('a delete removes the folders that it leaves empty, and no other', async () => {
    await store.put('a/b/c/d', '');
    await store.put('a/e', '');
    await store.delete(['a/b/c/d']);
    expect(await readdir(join(folder, 'a'))).toEqual(['e']);
    await store.delete(['a/e', 'a']);
    expect(await readdir(folder)).toEqual(['.tmp']);
  });

  test('puts and deletes of one folder at once fail neither', async () => {
    const work = Array.from({ length: 200 }, async (_, index) => {
      await store.put(`x/y/${index % 10}`, '');
      await store.delete([`x/y/${(index + 5) % 10}`]);
      await keysOf(store, 'x/');
    });
    await expect(Promise.all(work)).resolves.toHaveLength(200);
  });

  test('a claim whose owner was killed is passed over', async () => {
    const etag = await store.put('k', '1');
    const claim = await claimNameOf(folder, etag);
    await symlink(`${2 ** 22 + 1}@${hostname()}`, claim);
    expect(await store.putIfMatch('k', '2', etag)).toBe(true);
    expect(await readdir(join(folder, '.tmp'))).toEqual([]);
  });

  test('a claim whose owner lives is waited for', async () => {
    const etag = await store.put('k', '1');
    const claim = await claimNameOf(folder, etag);
    await symlink(`${process.pid}@${hostname()}`, claim);
    const second = store.putIfMatch('k', '2', etag);
    expect(await textOf(store, 'k')).toBe('1');
    await rm(claim);
    expect(await second).toBe(true);
  });

  test('of claims on a version that is gone those of killed processes are removed', async () => {
    const dead = `${2 ** 22 + 1}@${hostname()}`;
    const claims = {
      spent: `${dead} 1-2-3 two words`,
      current: `${dead} 4-5-6 two words`,
      absent: `${dead} absent two words`,
      living: `${process.pid}@${hostname()} 1-2-3 two words`,
      elsewhere: `${2 ** 22 + 1}@another-host 1-2-3 two words`,
    };
    for (const [name, target] of Object.entries(claims)) await symlink(target, join(folder, `${name}.claim`));
    await removeSpentClaims(folder, async (key) => (key === 'two words' ? '4-5-6' : null));
    expect(await readdir(folder)).toEqual(['absent.claim', 'current.claim', 'elsewhere.claim', 'living.claim']);
  });

  test('a claim names its version, so that the next process sees that it is spent', async () => {
    const claim = await claimNameOf(folder, 'an-etag');
    const left = join(folder, '.tmp/left.claim');
    await store.put('k', '');
    const replace = async () => symlink((await readlink(claim)).replace(/^\d+/, String(2 ** 22 + 1)), left);
    expect(await replaceVersion(join(folder, '.tmp'), 'k', 'an-etag', async () => true, replace)).toBe(true);
    expect(await readdir(join(folder, '.tmp'))).toEqual(['left.claim']);
    await new FolderStore(folder).put('other', '');
    await expect.poll(() => readdir(join(folder, '.tmp'))).toEqual([]);
  });

  test('what a process left that is known to have ended is removed at once, what a living one writes is not', async () => {
    await store.put('a', '');
    const files = join(import.meta.dirname, '../../storage/files.ts');
    const { stdout } = spawnSync(
      process.execPath,
      ['-e', `import(${JSON.stringify(files)}).then((f) => console.log(f.uniqueName()))`],
      {
        encoding: 'utf8',
      },
    );
    const mine = uniqueName();
    await writeFile(join(folder, '.tmp', stdout.trim()), '');
    await writeFile(join(folder, '.tmp', mine), '');
    await new FolderStore(folder).put('b', '');
    await expect.poll(() => readdir(join(folder, '.tmp'))).toEqual([mine]);
  });

  test('what a killed process of elsewhere left is removed a day later', async () => {
    await store.put('a', '');
    await writeFile(join(folder, '.tmp/old'), '');
    await writeFile(join(folder, '.tmp/new'), '');
    const twoDaysAgo = Date.now() / 1000 - 2 * 86400;
    await utimes(join(folder, '.tmp/old'), twoDaysAgo, twoDaysAgo);
    await new FolderStore(folder).put('b', '');
    await expect.poll(() => readdir(join(folder, '.tmp'))).toEqual(['new']);
  });

  test('an uploaded file is writable and not executable, whatever it was', async () => {
    const file = join(scratch, 'mode');
    await writeFile(file, 'x');
    await chmod(file, 0o555);
    await store.upload('k', file);
    await store.download('k', join(scratch, 'mode-down'));
    const { stat } = await import('node:fs/promises');
    expect((await stat(join(scratch, 'mode-down'))).mode & 0o777).toBe(0o644);
  });

  test('an edit by hand changes the ETag', async () => {
    const etag = await store.put('k', 'one');
    await writeFile(join(folder, 'k'), 'two');
    expect((await store.get('k'))!.etag).not.toBe(etag);
    expect(await store.putIfMatch('k', 'three', etag)).toBe(false);
  });

  test('a large object is read like a small one', async () => {
    const large = Buffer.alloc(300_000, 'large');
    const etag = await store.put('k', large);
    expect(await store.get('k')).toEqual({ body: large, etag });
  });

  test('a relative path is refused with the value', () => {
    expect(() => new FolderStore('work/store')).toThrow(/absolute path, not "work\/store"/);
  });
});

async function claimNameOf(folder: string, etag: string): Promise<string> {
  const { sha256 } = await import('../../core/base/digest.ts');
  return join(folder, '.tmp', `${sha256(`k\n${etag}`).slice(0, 32)}.0.claim`);
}
