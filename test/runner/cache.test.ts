import {
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { cached } from '../../runner/cache.ts';
import { uniqueName } from '../../storage/files.ts';

const LINUX = process.platform === 'linux';
let cache: string;
let fills: number;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'sweepstack-cache-'));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  fills = 0;
});

const fill = async (folder: string) => {
  fills++;
  await writeFile(join(folder, 'file'), 'content');
};
const get = (key = 'k', fallback = join(cache, 'fallback')) => cached(cache, 'kind', key, fallback, fill);
const lock = (holder: string, ageSeconds: number) => {
  const file = join(cache, 'kind', 'k.lock');
  mkdirSync(join(cache, 'kind'), { recursive: true });
  symlinkSync(holder, file);
  const then = Date.now() / 1000 - ageSeconds;
  lutimesSync(file, then, then);
};
/** Above every number that Linux and macOS give out. */
const NOBODY = 2 ** 22 + 1;
const processOf = (pid: number, space = uniqueName().slice(0, 8)) => `${space}-${pid}-${'0'.repeat(16)}`;
const ELSEWHERE = '00000000';

describe('an entry of the cache', () => {
  test('is filled once for all who ask at once, and whole', async () => {
    const folders = await Promise.all([get(), get(), get()]);
    expect([fills, new Set(folders).size]).toEqual([1, 1]);
    expect(await readFile(join(folders[0]!, 'file'), 'utf8')).toBe('content');
    expect(await readdir(join(cache, 'kind'))).toEqual(['k']);
  });

  test('whose filling failed leaves nothing and is tried again', async () => {
    await expect(cached(cache, 'kind', 'k', '', () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
    expect(await readdir(join(cache, 'kind'))).toEqual([]);
    expect(await readFile(join(await get(), 'file'), 'utf8')).toBe('content');
  });

  test('is filled anew where a killed process left half of it', async () => {
    const half = `k.${processOf(NOBODY)}.tmp`;
    mkdirSync(join(cache, 'kind', half), { recursive: true });
    writeFileSync(join(cache, 'kind', `${half}.tgz`), 'half');
    expect(await readFile(join(await get(), 'file'), 'utf8')).toBe('content');
    expect(await readdir(join(cache, 'kind'))).toEqual(['k']);
  });

  test('that nobody used for long goes when another is filled', async () => {
    const old = join(cache, 'kind', 'old');
    mkdirSync(old, { recursive: true });
    const then = Date.now() / 1000 - 40 * 24 * 3600;
    utimesSync(old, then, then);
    await get();
    expect(existsSync(old)).toBe(false);
  });
});

describe('a lock', () => {
  test('whose holder died is taken over', async () => {
    lock(processOf(NOBODY), 0);
    await get();
    expect(fills).toBe(1);
  });

  test('whose holder died when the entry was there goes, and is waited for by nobody', async () => {
    mkdirSync(join(cache, 'kind', 'k'), { recursive: true });
    lock(processOf(NOBODY), 0);
    await get();
    expect(await readdir(join(cache, 'kind'))).toEqual(['k']);
  });

  test('of another container that has been silent for long is taken over, though its number lives here', async () => {
    lock(processOf(process.pid, ELSEWHERE), 120);
    await get();
    expect(fills).toBe(1);
  });

  test('of another container that is heard of is waited for, though its number is nobody here', async () => {
    lock(processOf(NOBODY, ELSEWHERE), 0);
    const waiting = get();
    // Another entry needs no waiting, and takes longer than a look at the lock.
    await get('other');
    expect(existsSync(join(cache, 'kind', 'k'))).toBe(false);
    rmSync(join(cache, 'kind', 'k.lock'));
    await waiting;
    expect(fills).toBe(2);
  });
});

// /sys takes no folders, not even of root.
test.skipIf(!LINUX)('where the cache cannot be written, each attempt has a copy of its own', async () => {
  const unwritable = '/sys/sweepstack';
  const places = [join(cache, 'a'), join(cache, 'b')];
  const folders = await Promise.all(places.map((place) => cached(unwritable, 'kind', 'k', place, fill)));
  expect(folders).toEqual(places);
  expect(fills).toBe(2);
});

test.each([
  ['there is no cache', null],
  ['the cache is below a file', '/dev/null/cache'],
  ['the cache is where no folder can be made', '/proc/cache'],
])('where %s, the attempt has a folder of its own', async (_, folder) => {
  const fallback = join(mkdtempSync(join(tmpdir(), 'sweepstack-nocache-')), 'own');
  onTestFinished(() => rmSync(dirname(fallback), { recursive: true }));
  expect(await cached(folder, 'sources', 'key', fallback, async () => {})).toBe(fallback);
});

test('what is too large for one attempt is refused where there is no cache', async () => {
  await expect(cached(null, 'python', 'key', null, async () => {})).rejects.toThrow(/set SWEEPSTACK_CACHE/);
});
