import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import pLimit from 'p-limit';
import { AccessDenied, StorageError } from './errors.ts';
import { asFileError, isFileError, replaceFile } from './files.ts';
import { checkKey, checkRange } from './keys.ts';
import { sharedClient } from './s3-client.ts';
import { COPY_SIZES, copyObject } from './s3-copy.ts';
import { downloadParts } from './s3-download.ts';
import { asS3Error, attemptsOf, isMissingObject, statusOf } from './s3-errors.ts';
import type { Body, KnownObject, ObjectStore, ObjectSummary, StoredObject } from './store.ts';
import { splitS3Url } from './urls.ts';

const MiB = 1024 ** 2;
/** DeleteObjects takes no more. */
const DELETE_BATCH = 1_000;
const BATCHES_AT_ONCE = 4;
/** S3 takes 10,000 parts of an upload. Parts in memory at a time: 4, so 32 MiB up to 78 GiB. */
const PART_BYTES = 8 * MiB;
const MAX_PARTS = 10_000;
/** S3 answers 409 while two conditional writes of a key cross. Waits 50 to 800 ms: 1.5 s in all. */
const CONFLICT_WAITS = [50, 100, 200, 400, 800];
/** The SDK's retries end when the answer begins; a connection that breaks later starts anew. 0.6 s in all. */
const BROKEN_WAITS = [200, 400];

/** Sizes above which work is cut into parts, in bytes; a test gives small ones. */
export const PART_SIZES = { copy: COPY_SIZES, upload: PART_BYTES, download: PART_BYTES };

/** An object store in a bucket, below a prefix. Whoever uses it needs s3:ListBucket too: see `get`. */
export class S3Store implements ObjectStore {
  readonly url: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #client: S3Client;
  readonly #sizes: typeof PART_SIZES;

  /** @param url `s3://bucket` or `s3://bucket/prefix`. */
  constructor(url: string, client: S3Client = sharedClient(), sizes: typeof PART_SIZES = PART_SIZES) {
    const { bucket, key } = splitS3Url(url);
    const prefix = key.replace(/\/+$/, '');
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.url = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
    this.#client = client;
    this.#sizes = sizes;
  }

  /** @throws AccessDenied also for a missing key when s3:ListBucket is not granted: S3 then answers 403, not 404. */
  async get(key: string): Promise<StoredObject | null> {
    return this.#read(key, {}, async (object) => ({
      body: Buffer.from(await object.Body!.transformToByteArray()),
      etag: bare(object.ETag),
    }));
  }

  async getRange(key: string, start: number, end: number): Promise<Buffer | null> {
    checkRange(key, start, end);
    // HTTP has no empty range; a byte too many tells whether the object is there.
    const range = { Range: `bytes=${start}-${Math.max(start, end - 1)}` };
    try {
      return await this.#read(key, range, async (object) =>
        Buffer.from(await object.Body!.transformToByteArray()).subarray(0, end - start),
      );
    } catch (error) {
      if (error instanceof StorageError && statusOf(error.cause) === 416) return Buffer.alloc(0);
      throw error;
    }
  }

  async put(key: string, body: Body): Promise<string> {
    checkKey('put', key);
    const request = new PutObjectCommand({ ...this.#at(key), Body: toBytes(body) });
    return this.#asking('s3:PutObject', key, async () => bare((await this.#client.send(request)).ETag));
  }

  async putIfAbsent(key: string, body: Body): Promise<boolean> {
    return this.#putIf('putIfAbsent', key, body, { IfNoneMatch: '*' });
  }

  async putIfMatch(key: string, body: Body, etag: string | null): Promise<boolean> {
    return this.#putIf('putIfMatch', key, body, etag === null ? { IfNoneMatch: '*' } : { IfMatch: `"${etag}"` });
  }

  async *list(prefix: string): AsyncGenerator<ObjectSummary> {
    let token: string | undefined;
    do {
      const where = { Bucket: this.#bucket, Prefix: this.#prefix + prefix };
      const request = new ListObjectsV2Command({ ...where, ContinuationToken: token });
      const page = await this.#asking('s3:ListBucket', prefix, () => this.#client.send(request));
      for (const object of page.Contents ?? []) {
        yield {
          key: object.Key!.slice(this.#prefix.length),
          size: object.Size ?? 0,
          etag: bare(object.ETag),
          modified: object.LastModified?.getTime() ?? 0,
        };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async *folders(prefix: string): AsyncGenerator<string> {
    let token: string | undefined;
    const below = this.#prefix + prefix;
    do {
      const request = new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: below,
        Delimiter: '/',
        ContinuationToken: token,
      });
      const page = await this.#asking('s3:ListBucket', prefix, () => this.#client.send(request));
      for (const folder of page.CommonPrefixes ?? []) yield folder.Prefix!.slice(below.length, -1);
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async delete(keys: readonly string[]): Promise<void> {
    const unique = [...new Set(keys)];
    const batches: string[][] = [];
    for (let at = 0; at < unique.length; at += DELETE_BATCH) batches.push(unique.slice(at, at + DELETE_BATCH));
    await pLimit(BATCHES_AT_ONCE).map(batches, (batch) => this.#deleteBatch(batch));
  }

  async copy(from: string, to: string): Promise<void> {
    checkKey('copy', to);
    const copy = { bucket: this.#bucket, from: this.#prefix + from, to: this.#prefix + to };
    await this.#asking('s3:GetObject', from, () => copyObject(this.#client, copy, this.#sizes.copy));
  }

  async upload(key: string, file: string): Promise<void> {
    checkKey('upload', key);
    let stream: Readable | undefined;
    try {
      const { size } = await stat(file);
      stream = createReadStream(file, { highWaterMark: MiB }).on('error', () => undefined);
      const partSize = Math.max(this.#sizes.upload, Math.ceil(size / MAX_PARTS));
      // Not a PutObject of the stream: what cannot be read again is not sent again. A part is, from memory.
      const upload = new Upload({ client: this.#client, params: { ...this.#at(key), Body: stream }, partSize });
      await upload.done();
    } catch (error) {
      if (isFileError(error)) throw asFileError('upload', key, file, error);
      throw asS3Error('s3:PutObject', this.#bucket, this.#prefix + key, error);
    } finally {
      stream?.destroy();
    }
  }

  async download(key: string, file: string, known?: KnownObject): Promise<boolean> {
    const download = {
      read: <T>(asked: Partial<GetObjectCommandInput>, take: (object: GetObjectCommandOutput) => Promise<T>) =>
        this.#read(key, asked, take),
      url: `${this.url}/${key}`,
      key,
      part: this.#sizes.download,
      known,
    };
    try {
      return await replaceFile(file, (part) => downloadParts(download, part));
    } catch (error) {
      throw asFileError('download', key, `${this.url}/${key} to ${file}`, error);
    }
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  async #asking<T>(action: string, key: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw asS3Error(action, this.#bucket, this.#prefix + key, error);
    }
  }

  /** Asks for an object and takes its bytes in; null when there is none. */
  async #read<T>(
    key: string,
    range: Partial<GetObjectCommandInput>,
    take: (object: GetObjectCommandOutput) => Promise<T>,
  ): Promise<T | null> {
    for (let attempt = 0; ; attempt++) {
      let object: GetObjectCommandOutput;
      try {
        object = await this.#client.send(new GetObjectCommand({ ...this.#at(key), ...range }));
      } catch (error) {
        if (isMissingObject(error)) return null;
        throw asS3Error('s3:GetObject', this.#bucket, this.#prefix + key, error);
      }
      try {
        return await take(object);
      } catch (error) {
        const wait = BROKEN_WAITS[attempt];
        if (isFileError(error)) throw error;
        if (wait === undefined) throw asS3Error('s3:GetObject', this.#bucket, this.#prefix + key, error);
        await sleep(wait);
      }
    }
  }

  async #putIf(operation: string, key: string, body: Body, condition: object): Promise<boolean> {
    checkKey(operation, key);
    const writer = randomUUID();
    const put = { ...this.#at(key), ...condition, Body: toBytes(body), Metadata: { writer } };
    let sent = 0;
    return this.#asking('s3:PutObject', key, async () => {
      for (const wait of [...CONFLICT_WAITS, null]) {
        try {
          await this.#client.send(new PutObjectCommand(put));
          return true;
        } catch (error) {
          sent += attemptsOf(error);
          if (statusOf(error) === 412) return sent > 1 && (await this.#isWrittenBy(key, writer));
          if ('IfMatch' in condition && isMissingObject(error)) return false;
          if (statusOf(error) !== 409 || wait === null) throw error;
          await sleep(wait * (0.5 + Math.random() / 2));
        }
      }
      return false;
    });
  }

  /** A request that was repeated may meet what its own first sending wrote, when only the answer was lost. */
  async #isWrittenBy(key: string, writer: string): Promise<boolean> {
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.#at(key)));
      return head.Metadata?.['writer'] === writer;
    } catch (error) {
      if (isMissingObject(error)) return false;
      throw asS3Error('s3:GetObject', this.#bucket, this.#prefix + key, error);
    }
  }

  async #deleteBatch(keys: readonly string[]): Promise<void> {
    const objects = keys.map((key) => ({ Key: this.#prefix + key }));
    const request = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects: objects, Quiet: true } });
    const answer = await this.#asking('s3:DeleteObject', keys[0]!, () => this.#client.send(request));
    const [first] = answer.Errors ?? [];
    if (first === undefined) return;
    const kind = first.Code === 'AccessDenied' ? AccessDenied : StorageError;
    const count = `${answer.Errors!.length} of ${keys.length} objects were not deleted`;
    const message = `s3:DeleteObject: ${count}; the first is s3://${this.#bucket}/${first.Key}: ${first.Code}, ${first.Message}`;
    throw new kind('s3:DeleteObject', first.Key ?? '', message);
  }
}

const toBytes = (body: Body): Uint8Array => (typeof body === 'string' ? Buffer.from(body) : body);

/** ETags travel in quotes; here they are bare, as everywhere else in this code. */
const bare = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '');
