/**
 * A child's calls to the store, one after another. The gate is a generator of these, so the order of reads and writes, which
 * the protocol depends on, is the same wherever it runs: the runner performs the calls on a real store, and a test on one in
 * memory, stopping between any two of them.
 */
export type StoreCall =
  /** Whole objects, in any order; at most one reply per key, null if there is no object. */
  | { readonly call: 'read'; readonly keys: readonly string[] }
  /** Every key that starts with the prefix. */
  | { readonly call: 'list'; readonly prefix: string }
  /** Puts the object if there is none: whether this call did. */
  | { readonly call: 'create'; readonly key: string; readonly body: string }
  /** Puts the object if it is the one with this ETag: whether this call did. */
  | { readonly call: 'replace'; readonly key: string; readonly body: string; readonly etag: string };

export interface ReadObject {
  readonly body: string;
  readonly etag: string;
}

export type StoreReply =
  | { readonly objects: readonly (ReadObject | null)[] }
  | { readonly keys: readonly string[] }
  | { readonly done: boolean };

/** A piece of work on the store that ends with a `Result`. */
export type StoreWork<Result> = Generator<StoreCall, Result, StoreReply>;

export function* read(keys: readonly string[]): StoreWork<readonly (ReadObject | null)[]> {
  if (keys.length === 0) return [];
  const reply = yield { call: 'read', keys };
  if (!('objects' in reply)) throw new TypeError('a read was answered by something else');
  return reply.objects;
}

export function* list(prefix: string): StoreWork<readonly string[]> {
  const reply = yield { call: 'list', prefix };
  if (!('keys' in reply)) throw new TypeError('a listing was answered by something else');
  return reply.keys;
}

export function* create(key: string, body: string): StoreWork<boolean> {
  return done(yield { call: 'create', key, body });
}

export function* replace(key: string, body: string, etag: string): StoreWork<boolean> {
  return done(yield { call: 'replace', key, body, etag });
}

function done(reply: StoreReply): boolean {
  if (!('done' in reply)) throw new TypeError('a write was answered by something else');
  return reply.done;
}
