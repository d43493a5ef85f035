import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ObjectChanged, StorageError } from '../../storage/errors.ts';
import type { ObjectStore, ObjectSummary } from '../../storage/store.ts';

/** A whole listing. */
export async function listed(store: ObjectStore, prefix: string): Promise<ObjectSummary[]> {
  const objects: ObjectSummary[] = [];
  for await (const object of store.list(prefix)) objects.push(object);
  return objects;
}

/** The keys of a listing. */
export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await listed(store, prefix)).map(({ key }) => key);
}

export const textOf = async (store: ObjectStore, key: string): Promise<string | undefined> =>
  (await store.get(key))?.body.toString();

/** What every home of objects does. `open` makes a store with nothing in it; each test gets its own. */
export function describeStore(home: string, open: () => Promise<ObjectStore>): void {
  let scratch: string;
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'sweep-conformance-'));
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  describe(`${home}: reading and writing`, () => {
    test('an object that was put is read whole, with the ETag that put returned', async () => {
      const store = await open();
      const etag = await store.put('a/b.json', '{"x": 1}');
      expect(await store.get('a/b.json')).toEqual({ body: Buffer.from('{"x": 1}'), etag });
    });

    test('a missing object is null, whole and in part', async () => {
      const store = await open();
      await store.put('a/b', 'x');
      expect([await store.get('a'), await store.get('a/c'), await store.get('a/b/c')]).toEqual([null, null, null]);
      expect([await store.getRange('a/c', 0, 5), await store.getRange('a/c', 0, 0)]).toEqual([null, null]);
    });

    test('a second put replaces the first and changes the ETag', async () => {
      const store = await open();
      const first = await store.put('k', 'one');
      expect(await store.put('k', 'two')).not.toBe(first);
      expect(await textOf(store, 'k')).toBe('two');
    });

    test('bytes of any value come back as they were', async () => {
      const store = await open();
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await store.put('bytes', bytes);
      expect((await store.get('bytes'))?.body).toEqual(Buffer.from(bytes));
    });

    test('an empty object is an object', async () => {
      const store = await open();
      await store.put('empty', '');
      expect((await store.get('empty'))?.body.length).toBe(0);
      expect(await store.getRange('empty', 0, 10)).toEqual(Buffer.alloc(0));
      expect(await keysOf(store, '')).toEqual(['empty']);
    });

    test('a range ends before its end, and where the object ends', async () => {
      const store = await open();
      await store.put('k', '0123456789');
      const range = async (start: number, end: number) => (await store.getRange('k', start, end))?.toString();
      expect(
        await Promise.all([range(0, 3), range(3, 3), range(8, 99), range(9, 10), range(10, 20), range(99, 100)]),
      ).toEqual(['012', '', '89', '9', '', '']);
    });

    test.each([
      [-1, 2],
      [3, 2],
      [0.5, 2],
    ])('the range %d to %d is refused', async (start, end) => {
      await expect((await open()).getRange('k', start, end)).rejects.toThrow(StorageError);
    });

    test('keys of any script, with spaces and signs, come back in get and list', async () => {
      const store = await open();
      const keys = ['ä/ö ü.json', '数据/图.bin', '😀/x', 'a+b&c=%20#?.txt', 'quote\'"<>'];
      for (const key of keys) await store.put(key, key);
      expect(await Promise.all(keys.map((key) => textOf(store, key)))).toEqual(keys);
      expect((await keysOf(store, '')).toSorted()).toEqual(keys.toSorted());
    });

    const refused = ['', '/a', 'a//b', 'a/', '../a', 'a/../b', './a', 'a\\b', 'a\0b', 'a\nb', '.tmp/a', '\ud800'];
    test.each([...refused, 'x'.repeat(256), 'y/'.repeat(600)])('the key %j is refused by name', async (key) => {
      const store = await open();
      await expect(store.put(key, 'x')).rejects.toThrow(/cannot name an object: /);
      await expect(store.putIfAbsent(key, 'x')).rejects.toThrow(StorageError);
    });
  });

  describe(`${home}: conditional writes`, () => {
    test('put-if-absent writes once and tells who wrote', async () => {
      const store = await open();
      expect(await store.putIfAbsent('a/k', 'one')).toBe(true);
      expect(await store.putIfAbsent('a/k', 'two')).toBe(false);
      expect(await textOf(store, 'a/k')).toBe('one');
    });

    test('of many put-if-absent at once exactly one wins, and its content stays', async () => {
      const store = await open();
      const tries = Array.from({ length: 24 }, (_, index) => store.putIfAbsent('race/k', `writer ${index}`));
      const winners = (await Promise.all(tries)).flatMap((won, index) => (won ? [`writer ${index}`] : []));
      expect(winners).toEqual([await textOf(store, 'race/k')]);
    });

    test('compare-and-set writes on the ETag that was read, and not on an older one', async () => {
      const store = await open();
      const etag = await store.put('k', 'one');
      expect(await store.putIfMatch('k', 'two', etag)).toBe(true);
      expect(await store.putIfMatch('k', 'three', etag)).toBe(false);
      expect(await textOf(store, 'k')).toBe('two');
    });

    test('compare-and-set to null writes only while there is none', async () => {
      const store = await open();
      expect(await store.putIfMatch('k', 'one', null)).toBe(true);
      expect(await store.putIfMatch('k', 'two', null)).toBe(false);
    });

    test('compare-and-set on an object that is gone does not write', async () => {
      const store = await open();
      const etag = await store.put('k', 'one');
      await store.delete(['k']);
      expect(await store.putIfMatch('k', 'two', etag)).toBe(false);
      expect(await store.get('k')).toBeNull();
    });

    test('compare-and-set under contention loses no update', { timeout: 60_000 }, async () => {
      const store = await open();
      await store.put('counter', '0');
      await Promise.all(Array.from({ length: 8 }, () => increment(store, 'counter', 5)));
      expect(await textOf(store, 'counter')).toBe('40');
    });
  });

  describe(`${home}: listing`, () => {
    test('a prefix is a plain start of the key, and the order is that of its bytes', async () => {
      const store = await open();
      const keys = ['ab/c', 'ab-c', 'ab', 'ab.json', 'a/z', 'b/a', 'ab0/c', '\uffee', '😀'].filter(
        (key) => key !== 'ab',
      );
      for (const key of keys) await store.put(key, '');
      const byBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await keysOf(store, '')).toEqual(byBytes);
      expect(await keysOf(store, 'ab')).toEqual(['ab-c', 'ab.json', 'ab/c', 'ab0/c']);
      expect(await keysOf(store, 'ab/')).toEqual(['ab/c']);
    });

    test.each(['none/', '../', 'a/../', '/', '//', '.tmp/'])('the prefix %j lists nothing', async (prefix) => {
      const store = await open();
      await store.put('a/b', '');
      expect(await keysOf(store, prefix)).toEqual([]);
    });

    test('folders are the first names below a prefix, objects beside them left out', async () => {
      const store = await open();
      for (const key of ['sweeps/b/x/y', 'sweeps/a-1/z', 'sweeps/a/z', 'sweeps/note.txt', 'other/c/z']) {
        await store.put(key, '');
      }
      expect(await Array.fromAsync(store.folders('sweeps/'))).toEqual(['a-1', 'a', 'b']);
      expect(await Array.fromAsync(store.folders('none/'))).toEqual([]);
    });

    test('a listing tells size, time and the ETag of get', async () => {
      const store = await open();
      const etag = await store.put('k', '12345');
      const [object] = await listed(store, 'k');
      expect(object).toMatchObject({ key: 'k', size: 5, etag });
      expect(Math.abs(object!.modified - Date.now())).toBeLessThan(60_000);
    });

    test('1,100 objects are listed over both pages, and removed', { timeout: 60_000 }, async () => {
      const store = await open();
      const keys = Array.from({ length: 1_100 }, (_, index) => `many/${String(index).padStart(5, '0')}`);
      for (let at = 0; at < keys.length; at += 100) {
        await Promise.all(keys.slice(at, at + 100).map((key) => store.put(key, '')));
      }
      expect(await keysOf(store, 'many/')).toEqual(keys);
      await store.delete(keys);
      expect(await keysOf(store, '')).toEqual([]);
    });
  });

  describe(`${home}: removing, copying, files`, () => {
    test('what is deleted is gone, and what is not there is no error', async () => {
      const store = await open();
      await store.put('a/b', '');
      await store.put('a/c', '');
      await store.delete(['a/b', 'a/b', 'a/none', 'none/none']);
      expect(await keysOf(store, '')).toEqual(['a/c']);
      await store.delete([]);
    });

    test('a copy has the content and is another object', async () => {
      const store = await open();
      await store.put('a/ä b+c', 'one');
      await store.copy('a/ä b+c', 'd/e');
      await store.put('a/ä b+c', 'two');
      expect(await textOf(store, 'd/e')).toBe('one');
    });

    test('a copy of nothing is an error that names the key', async () => {
      await expect((await open()).copy('gone/x', 'b')).rejects.toThrow(/gone\/x/);
    });

    test.each([0, 10, 20_000_000])('a file of %d bytes goes up and comes down as it was', async (size) => {
      const store = await open();
      const bytes = Buffer.alloc(size, 'sweepstack ');
      const file = join(scratch, `up-${size}`);
      await writeFile(file, bytes);
      await store.upload('files/f', file);
      const down = join(scratch, 'down', `${size}`);
      expect(await store.download('files/f', down)).toBe(true);
      expect((await readFile(down)).equals(bytes)).toBe(true);
    });

    test('a download of nothing makes no file', async () => {
      const folder = await mkdtemp(join(scratch, 'none-'));
      expect(await (await open()).download('none', join(folder, 'f'))).toBe(false);
      expect(await readdir(folder)).toEqual([]);
    });

    test.each([
      ['replaced', async (store: ObjectStore) => void (await store.put('k', 'another'))],
      ['removed', (store: ObjectStore) => store.delete(['k'])],
    ])('an object that was %s since it was listed is not downloaded, and named', async (_, change) => {
      const store = await open();
      await store.put('k', 'listed');
      const [known] = await listed(store, 'k');
      const folder = await mkdtemp(join(scratch, 'changed-'));
      expect(await store.download('k', join(folder, 'same'), known)).toBe(true);
      await change(store);
      const refused = await store.download('k', join(folder, 'f'), known).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ObjectChanged);
      expect(String(refused)).toMatch(/\/k was replaced or removed while/);
      expect(await readdir(folder)).toEqual(['same']);
    });

    test('an upload of a file that is not there names the file and puts nothing', async () => {
      const store = await open();
      await expect(store.upload('k', join(scratch, 'missing.bin'))).rejects.toThrow(/missing\.bin/);
      expect(await store.get('k')).toBeNull();
    });
  });
}

/** Adds one `times` times, each by compare-and-set until it is done. */
export async function increment(store: ObjectStore, key: string, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const { body, etag } = (await store.get(key))!;
    if (await store.putIfMatch(key, String(Number(body) + 1), etag)) done++;
  }
}
