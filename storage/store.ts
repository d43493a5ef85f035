/**
 * The object store: whole objects under keys, in a folder or in a bucket. Everything a sweep leaves behind goes
 * through this interface, so that a sweep on one machine and a sweep on AWS leave the same objects.
 *
 * Failures are a StorageError (errors.ts), missing rights an AccessDenied. What can be written is what both homes can
 * hold: keys.ts says which keys, and in a folder no key goes on where another ends (`a` and `a/b`).
 */
export interface ObjectStore {
  /** Where the store is: `file:///work/store` or `s3://bucket/prefix`, without a slash at the end. */
  readonly url: string;

  /** The whole object, or null when there is none. */
  get(key: string): Promise<StoredObject | null>;

  /** Bytes `start` (inclusive) to `end` (exclusive), fewer where the object ends; null when there is no object. */
  getRange(key: string, start: number, end: number): Promise<Buffer | null>;

  /** Writes the whole object; a reader sees the old one or the new one, never a part. Returns its ETag. */
  put(key: string, body: Body, options?: WriteOptions): Promise<string>;

  /** Writes the object unless one is there. Returns whether this call wrote it. */
  putIfAbsent(key: string, body: Body, options?: WriteOptions): Promise<boolean>;

  /**
   * Replaces the object only while its ETag still is `etag` (null: only while there is none): compare-and-set. Returns
   * whether it did. A key that is compared and set should be written in no other way: in a folder a plain put or
   * delete at the same moment may be lost.
   */
  putIfMatch(key: string, body: Body, etag: string | null): Promise<boolean>;

  /** The objects whose key starts with `prefix` (a plain string, as in S3), in the byte order of their keys. */
  list(prefix: string): AsyncIterable<ObjectSummary>;

  /**
   * The names of the folders right below `prefix` (empty, or ending in `/`), each without its slash, in the order of
   * `list`: what a listing of every object would cost too much for.
   */
  folders(prefix: string): AsyncIterable<string>;

  /** Removes the objects; one that is not there is no error. */
  delete(keys: readonly string[]): Promise<void>;

  /** Copies an object within the store; a missing one is an error. */
  copy(from: string, to: string, options?: WriteOptions): Promise<void>;

  /** Puts a file's content under a key, streamed: the file need not fit in memory. */
  upload(key: string, file: string, options?: WriteOptions): Promise<void>;

  /**
   * Writes an object's content to a new file, streamed; false when there is no object (no file is made).
   * @param known what a listing said of it. @throws ObjectChanged when that is not so any more, or it is replaced meanwhile
   */
  download(key: string, file: string, known?: KnownObject): Promise<boolean>;
}

export interface WriteOptions {
  /**
   * The object survives a loss of power once the call returns: for what is written once and named by a record that comes
   * after it. In S3 every object does.
   */
  readonly durable?: boolean;
}

export type Body = string | Uint8Array;

export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
}

export type KnownObject = Pick<ObjectSummary, 'size' | 'etag'>;

export interface ObjectSummary {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}
