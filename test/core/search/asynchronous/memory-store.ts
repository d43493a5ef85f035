import type { ReadObject } from '../../../../core/search/asynchronous/store-calls.ts';

/** A store in memory: put if absent, compare-and-set, and listings that come in pages while others write. */
export class MemoryStore {
  readonly #objects = new Map<string, ReadObject>();
  /** The keys of each folder `sweeps/<sweepId>/<folder>/`, in order. */
  readonly #folders = new Map<string, string[]>();
  #puts = 0;

  read(key: string): ReadObject | null {
    return this.#objects.get(key) ?? null;
  }

  create(key: string, body: string): boolean {
    if (this.#objects.has(key)) return false;
    this.put(key, body);
    return true;
  }

  replace(key: string, body: string, etag: string | null): boolean {
    if ((this.#objects.get(key)?.etag ?? null) !== etag) return false;
    this.put(key, body);
    return true;
  }

  put(key: string, body: string): void {
    const keys = this.#folder(key);
    if (!this.#objects.has(key)) keys.splice(placeOf(keys, key), 0, key);
    this.#objects.set(key, { body, etag: `e${this.#puts++}` });
  }

  remove(key: string): void {
    if (!this.#objects.delete(key)) return;
    const keys = this.#folder(key);
    keys.splice(placeOf(keys, key), 1);
  }

  /** At most `length` keys after `after`; fewer: there are no more. */
  page(prefix: string, after: string, length: number): readonly string[] {
    const keys = this.#folder(prefix);
    const first = after === '' ? 0 : placeOf(keys, `${after}\0`);
    return keys.slice(first, first + length);
  }

  keys(prefix: string): readonly string[] {
    return this.#folder(prefix);
  }

  #folder(key: string): string[] {
    const name = key.split('/').slice(0, 3).join('/');
    const known = this.#folders.get(name) ?? [];
    this.#folders.set(name, known);
    return known;
  }
}

/** The first place at which a key is not below this one. */
function placeOf(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
