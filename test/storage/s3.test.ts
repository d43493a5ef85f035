import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { AccessDenied } from '../../storage/errors.ts';
import { PART_SIZES, S3Store } from '../../storage/s3.ts';
import { newClient } from '../../storage/s3-client.ts';
import { crowd } from '../objects/children.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { describeStore, keysOf, textOf } from './conformance.ts';

const MiB = 1024 ** 2;
let server: S3Server;
let client: S3Client;
let stores = 0;

// The first run installs the server.
beforeAll(async () => {
  server = await startS3Server();
  client = newClient();
}, 180_000);
afterAll(async () => {
  client.destroy();
  await server.stop();
});
const newStore = () => new S3Store(`s3://sweeps/store ${++stores}`, client);

describeStore('S3', async () => newStore());

describe('S3', () => {
  test('a store at the bucket itself and one below it see the same objects', async () => {
    await new S3Store('s3://sweeps', client).put('whole/a/b', 'x');
    expect(await keysOf(new S3Store('s3://sweeps/whole/', client), 'a')).toEqual(['a/b']);
  });

  test('a bucket that is not there is named, with what to do', async () => {
    await expect(new S3Store('s3://no-such-bucket', client).get('k')).rejects.toThrow(
      /s3:GetObject on s3:\/\/no-such-bucket\/k failed: there is no bucket no-such-bucket; create it/,
    );
  });

  test('an object above the limit of one copy is copied in parts', async () => {
    const sizes = { ...PART_SIZES, copy: { whole: 6 * MiB, part: 5 * MiB } };
    const store = new S3Store('s3://sweeps/parts', client, sizes);
    const bytes = Buffer.alloc(13 * MiB, 'sweepstack ');
    await store.put('large', bytes);
    await store.copy('large', 'copied');
    expect((await store.get('copied'))!.body.equals(bytes)).toBe(true);
  });
});

describe('a download in parts', () => {
  const sizes = { ...PART_SIZES, download: MiB };
  const bytes = Buffer.from(Array.from({ length: 3 * MiB + 5 }, (_, index) => index % 251));
  let file: string;
  beforeAll(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'sweep-s3-parts-')), 'f');
    await new S3Store('s3://sweeps/ranges', client).put('k', bytes);
  });
  afterAll(() => rm(dirname(file), { recursive: true }));

  /** A store of which each GET waits for `before`, which is told how many there were. */
  function storeWith(before: (seen: number, range: string | undefined) => Promise<unknown>): S3Store {
    const watched = newClient();
    let seen = 0;
    watched.middlewareStack.add(
      (next) => async (args) => {
        const { Range: range } = args.input as { Range?: string };
        await before(++seen, range);
        return next(args);
      },
      { step: 'initialize' },
    );
    onTestFinished(() => watched.destroy());
    return new S3Store('s3://sweeps/ranges', watched, sizes);
  }

  test('asks for each part once, and writes each where it belongs', async () => {
    const asked: (string | undefined)[] = [];
    const store = storeWith(async (_, range) => asked.push(range));
    expect(await store.download('k', file)).toBe(true);
    expect((await readFile(file)).equals(bytes)).toBe(true);
    const parts = [0, 1, 2, 3].map((part) => `bytes=${part * MiB}-${(part + 1) * MiB - 1}`);
    expect(asked).toEqual([...parts.slice(0, 3), `bytes=${3 * MiB}-${3 * MiB + 4}`]);
  });

  test('asks once, for the whole, where an object is known to be small', async () => {
    const asked: (string | undefined)[] = [];
    const store = storeWith(async (_, range) => asked.push(range));
    const etag = await new S3Store('s3://sweeps/ranges', client).put('small', '12345');
    expect(await store.download('small', file, { size: 5, etag })).toBe(true);
    expect(asked).toEqual([undefined]);
  });

  test('an object that is replaced between two parts is named, and leaves no file', async () => {
    const store = storeWith(async (seen) => {
      if (seen === 2) await new S3Store('s3://sweeps/ranges', client).put('replaced', bytes.subarray(1));
    });
    await new S3Store('s3://sweeps/ranges', client).put('replaced', bytes);
    const to = join(dirname(file), 'mixed');
    const refused = await store.download('replaced', to).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'ObjectChanged', key: 'replaced' });
    await expect(stat(to)).rejects.toThrow(/ENOENT/);
  });
});

/** What stands between the store and the server in a test decides what becomes of each request. */
type Meddle = (
  method: string,
  path: string,
  seen: number,
) => 'pass' | 'drop' | 'flip' | 'refuse' | { status: number; body: string } | { onward: string };

describe('S3 over a bad connection', () => {
  const running: { proxy: Server; client: S3Client }[] = [];
  afterAll(() => {
    for (const { proxy, client } of running) {
      client.destroy();
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  /**
   * A store whose requests pass through `meddle`: 'drop' lets the server act and loses its answer, 'refuse' cuts the
   * connection before that, and `onward` is what the server is asked instead.
   */
  async function storeThrough(meddle: Meddle): Promise<S3Store> {
    let seen = 0;
    const proxy = createServer((incoming, outgoing) => {
      const verdict = meddle(incoming.method!, incoming.url!, ++seen);
      if (verdict === 'refuse') {
        incoming.socket.destroy();
        return;
      }
      if (typeof verdict === 'object' && 'status' in verdict) {
        incoming.resume();
        incoming.on('end', () =>
          outgoing.writeHead(verdict.status, { 'content-type': 'application/xml' }).end(verdict.body),
        );
        return;
      }
      const { method, headers } = incoming;
      const url = typeof verdict === 'object' ? verdict.onward : incoming.url;
      const onward = request(server.endpoint + url, { method: method!, headers }, (answer) => {
        if (verdict === 'drop') {
          answer.resume();
          answer.on('end', () => incoming.socket.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode!, answer.headers);
        if (verdict === 'flip') answer.on('data', (chunk: Buffer) => (chunk[0] = chunk[0]! ^ 1));
        answer.pipe(outgoing);
      });
      incoming.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const before = process.env['AWS_ENDPOINT_URL_S3'];
    process.env['AWS_ENDPOINT_URL_S3'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const through = newClient();
    running.push({ proxy, client: through });
    const store = new S3Store(`s3://sweeps/meddled-${++stores}`, through);
    // The SDK reads the variable with the first request.
    await keysOf(store, 'none').catch(() => undefined);
    process.env['AWS_ENDPOINT_URL_S3'] = before;
    seen = 0;
    return store;
  }

  const error = (status: number, code: string) => ({
    status,
    body: `<Error><Code>${code}</Code><Message>no</Message></Error>`,
  });

  test('a put-if-absent whose answer was lost knows its own object', async () => {
    const store = await storeThrough((method, _, seen) => (method === 'PUT' && seen === 1 ? 'drop' : 'pass'));
    expect(await store.putIfAbsent('k', 'mine')).toBe(true);
    expect(await store.putIfAbsent('k', 'mine')).toBe(false);
  });

  test('a compare-and-set whose answer was lost knows its own object', async () => {
    const store = await storeThrough((method, _, seen) => (method === 'PUT' && seen === 2 ? 'drop' : 'pass'));
    const etag = await store.put('k', 'one');
    expect(await store.putIfMatch('k', 'two', etag)).toBe(true);
  });

  test('a part whose connection broke is asked for again', async () => {
    const store = await storeThrough((method, _, seen) => (method === 'GET' && seen === 3 ? 'drop' : 'pass'));
    await store.put('k', Buffer.alloc(20 * MiB, 'sweepstack '));
    const folder = await mkdtemp(join(tmpdir(), 'sweep-s3-'));
    expect(await store.download('k', join(folder, 'f'))).toBe(true);
    expect((await readFile(join(folder, 'f'))).equals(Buffer.alloc(20 * MiB, 'sweepstack '))).toBe(true);
    await rm(folder, { recursive: true });
  });

  test('a body that was changed on its way is not taken for the object', async () => {
    const store = await storeThrough((method) => (method === 'GET' ? 'flip' : 'pass'));
    await store.put('k', 'the object');
    await expect(store.get('k')).rejects.toThrow(/k failed.*checksum/i);
  });

  test('a conflict of conditional writes is tried again', async () => {
    const store = await storeThrough((_, __, seen) => (seen <= 2 ? error(409, 'ConditionalRequestConflict') : 'pass'));
    expect(await store.putIfAbsent('k', 'x')).toBe(true);
  });

  test('children of a search keep its promises while the bucket conflicts, throttles, lists by pages and goes away', async () => {
    const given: Record<string, number> = {};
    const give = <T>(what: string, verdict: T): T => {
      given[what] = (given[what] ?? 0) + 1;
      return verdict;
    };
    let [puts, lost] = [0, 0];
    const store = await storeThrough((method, path, seen) => {
      // Until one of them has given up.
      if (seen > 100 && lost === 0) return give('away', 'refuse');
      if (seen % 53 === 0) return give('SlowDown', error(503, 'SlowDown'));
      if (path.includes('list-type=2')) return give('page', { onward: `${path}&max-keys=4` });
      if (method !== 'PUT') return 'pass';
      puts += 1;
      if (puts % 5 === 0) return give('conflict', error(409, 'ConditionalRequestConflict'));
      return puts % 7 === 0 ? give('lost answer', 'drop') : 'pass';
    });
    const { finished, problems } = await crowd(store, () => {
      lost += 1;
    });
    expect(problems).toEqual([]);
    expect(finished.filter((unit) => unit.endsWith('.1'))).toHaveLength(6);
    expect(lost).toBeGreaterThan(0);
    for (const what of ['SlowDown', 'page', 'conflict', 'lost answer']) expect(given[what], what).toBeGreaterThan(2);
  });

  test('a denied read names key, action and the right that tells a missing key apart', async () => {
    const store = await storeThrough(() => error(403, 'AccessDenied'));
    const denied = await store.get('a/b').catch((reason: unknown) => reason);
    expect(denied).toBeInstanceOf(AccessDenied);
    expect(denied).toMatchObject({ name: 'AccessDenied', operation: 's3:GetObject' });
    expect(String(denied)).toMatch(/a\/b failed.* s3:ListBucket on sweeps, because S3 hides missing keys/);
  });

  test('a denied write names its action and says nothing of missing keys', async () => {
    const store = await storeThrough(() => error(403, 'AccessDenied'));
    const denied = await store.put('a/b', '').catch((reason: unknown) => reason);
    expect(String(denied)).toMatch(/s3:PutObject on .*a\/b failed: access denied/);
    expect(String(denied)).not.toMatch(/ListBucket/);
  });

  test('a key that could not be deleted is named', async () => {
    const one = '<Error><Key>p/b</Key><Code>AccessDenied</Code><Message>no</Message></Error>';
    const store = await storeThrough(() => ({ status: 200, body: `<DeleteResult>${one}</DeleteResult>` }));
    await expect(store.delete(['a', 'b'])).rejects.toThrow(
      /1 of 2 objects were not deleted; the first is s3:\/\/sweeps\/p\/b/,
    );
  });

  test('an upload that fails leaves no parts behind', async () => {
    const store = await storeThrough((_, path) =>
      path.includes('partNumber=2') ? error(403, 'AccessDenied') : 'pass',
    );
    const folder = await mkdtemp(join(tmpdir(), 'sweep-s3-'));
    const file = join(folder, 'f');
    await writeFile(file, Buffer.alloc(20 * MiB));
    await expect(store.upload('k', file)).rejects.toThrow(/s3:PutObject/);
    await rm(folder, { recursive: true });
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: 'sweeps' }))).Uploads ?? []).toEqual([]);
    expect(await textOf(store, 'k')).toBeUndefined();
  });
});
