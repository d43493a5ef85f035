import * as keys from '../core/layout/keys.ts';
import { type Champion, championSchema } from '../core/sweep/champion.ts';
import { deletePrefix } from '../storage/folders.ts';
import { jsonText, parseObject } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

/** `models/<name>/`: the champion of all sweeps of a name, and the models that were promoted. */
export class ChampionObjects {
  readonly #store: ObjectStore;
  readonly #name: string;
  readonly #key: string;

  constructor(store: ObjectStore, name: string) {
    this.#store = store;
    this.#name = name;
    this.#key = keys.championKey(name);
  }

  /** Its ETag is what `replace` compares; both are null when there is no champion yet. */
  async read(): Promise<{ readonly champion: Champion | null; readonly etag: string | null }> {
    const object = await this.#store.get(this.#key);
    if (object === null) return { champion: null, etag: null };
    return { champion: parseObject(object.body, this.#key, championSchema), etag: object.etag };
  }

  /** Puts a champion in the place of the one that `etag` is of. Returns whether that one was still there. */
  replace(champion: Champion, etag: string | null): Promise<boolean> {
    return this.#store.putIfMatch(this.#key, jsonText(champion), etag);
  }

  /** Where the model of a trial lies once it was promoted. */
  modelPrefix(sweepId: string, trialId: string, epochs: number): string {
    return keys.championCopyPrefix(this.#name, sweepId, trialId, epochs);
  }

  /** Removes the champion and all that was promoted under its name. */
  async remove(): Promise<void> {
    await deletePrefix(this.#store, keys.championsPrefix(this.#name));
  }

  /** Copies a model's files; `from` and `to` are prefixes, null where there is no model. */
  async copyModel(from: string | null, to: string | null): Promise<void> {
    if (from === null || to === null || from === to) return;
    for await (const { key } of this.#store.list(from))
      await this.#store.copy(key, to + key.slice(from.length), { durable: true });
  }
}
