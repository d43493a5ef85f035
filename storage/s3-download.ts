import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { DOWNLOADS_AT_ONCE } from './concurrently.ts';
import { ObjectChanged } from './errors.ts';
import { type ByteRange, rangesAfter } from './ranges.ts';
import { statusOf } from './s3-errors.ts';
import type { KnownObject } from './store.ts';
import { writeAt } from './write-at.ts';

/** Gathered before they are written: chunks come in 64 KiB, and each write is a wait. So much may be held of each request. */
const WRITE_BYTES = 512 * 1024;

/** Parts of large objects at a time: at 85 MB/s each that is 1.4 GB/s, more than the disks of instances write. */
const PARTS_AT_ONCE = 16;

/** Of all downloads of this process. */
const parts = pLimit(PARTS_AT_ONCE);
const requests = pLimit(DOWNLOADS_AT_ONCE);

type Asked = Pick<GetObjectCommandInput, 'Range' | 'IfMatch'>;

/** Asks for a part of an object and takes its bytes in, again where the connection breaks; null when there is none. */
export type Read = <T>(asked: Asked, take: (object: GetObjectCommandOutput) => Promise<T>) => Promise<T | null>;

interface Download {
  readonly read: Read;
  /** What is downloaded, in messages. */
  readonly url: string;
  readonly key: string;
  /** Bytes of a part. */
  readonly part: number;
  readonly known: KnownObject | undefined;
}

/**
 * Writes an object to a new file, a large one in parts that come at the same time. No part is held in memory as a whole. False when
 * there is no object. @throws ObjectChanged when it is not the one that is `known`, or is replaced meanwhile
 */
export async function downloadParts(download: Download, file: string): Promise<boolean> {
  const handle = await open(file, 'wx');
  try {
    const begun = await requests(() => fetchFirst(download, handle));
    if (begun !== null) await fetchRest(download, handle, begun);
    return begun !== null;
  } finally {
    await handle.close();
  }
}

interface Begun {
  /** Bytes of the whole object. */
  readonly size: number;
  /** In quotes, as it travels. */
  readonly etag: string;
}

/** The first part, which tells how many there are; of an object that is known to be small, all of it. */
async function fetchFirst(download: Download, handle: FileHandle): Promise<Begun | null> {
  const { read, part, known } = download;
  const match = known === undefined ? {} : { IfMatch: `"${known.etag}"` };
  let isRepeated = false;
  const take = async (object: GetObjectCommandOutput): Promise<Begun> => {
    // What came before may be of a longer object.
    if (isRepeated) await handle.truncate(0);
    isRepeated = true;
    await write(handle, object, 0);
    return { size: sizeOf(object), etag: object.ETag ?? '' };
  };
  const range = { Range: `bytes=0-${part - 1}` };
  const isSmall = known !== undefined && known.size <= part;
  const begun = await asked(download, () => read(isSmall ? match : { ...match, ...range }, take)).catch(
    (error: Error) => {
      // An empty object has no first byte.
      if (statusOf(error.cause) !== 416) throw error;
      return read(match, take);
    },
  );
  if (begun === null && known !== undefined) throw changed(download);
  return begun;
}

/** All parts but the first. Ends when none is under way any more, so that nobody writes to a file that is closed. */
async function fetchRest(download: Download, handle: FileHandle, { size, etag }: Begun): Promise<void> {
  const failures: unknown[] = [];
  const fetchPart = async ({ start, end }: ByteRange) => {
    if (failures.length > 0) return;
    const range = { Range: `bytes=${start}-${end - 1}`, IfMatch: etag };
    const take = async (object: GetObjectCommandOutput) => write(handle, object, start);
    try {
      if ((await asked(download, () => download.read(range, take))) === null) throw changed(download);
    } catch (error) {
      failures.push(error);
    }
  };
  await parts.map(rangesAfter(download.part, size, download.part), fetchPart);
  if (failures.length > 0) throw failures[0];
}

async function asked<T>(download: Download, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw statusOf((error as Error).cause) === 412 ? changed(download, error) : error;
  }
}

const changed = ({ url, key }: Download, cause?: unknown) => new ObjectChanged('s3:GetObject', key, url, { cause });

function sizeOf({ ContentRange, ContentLength }: GetObjectCommandOutput): number {
  const total = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
  return total === undefined ? (ContentLength ?? 0) : Number(total);
}

/** Writes what comes to the file from the byte `at` on. */
async function write(handle: FileHandle, { Body, ContentLength }: GetObjectCommandOutput, at: number): Promise<void> {
  let position = at;
  let [gathered, bytes]: [Buffer[], number] = [[], 0];
  const flush = async () => {
    await writeAt(handle, gathered, position);
    position += bytes;
    [gathered, bytes] = [[], 0];
  };
  for await (const chunk of Body as Readable) {
    gathered.push(chunk);
    bytes += chunk.length;
    if (bytes >= WRITE_BYTES) await flush();
  }
  if (bytes > 0) await flush();
  if (ContentLength !== undefined && position - at !== ContentLength)
    throw new Error(`${position - at} of ${ContentLength} bytes came`);
}
