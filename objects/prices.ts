import { CorruptObject } from '../core/base/errors.ts';
import { pricesKey } from '../core/layout/keys.ts';
import { type AskedPrices, askedPricesSchema, withAsked } from '../core/money/prices.ts';
import { jsonText, readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

/** `prices/<region>.json`: what AWS told of a region's prices when it was last asked; a budget of dollars counts by them. */
export class StackPrices {
  readonly #store: ObjectStore;
  readonly #key: string;

  constructor(store: ObjectStore, region: string) {
    this.#store = store;
    this.#key = pricesKey(region);
  }

  /** Null: AWS has not been asked. @throws CorruptObject */
  read(): Promise<AskedPrices | null> {
    return readJson(this.#store, this.#key, askedPricesSchema);
  }

  /** As `read`; null, too, where the object is damaged, which `note` is told. */
  async readable(note: (sentence: string) => void): Promise<AskedPrices | null> {
    return this.read().catch((error: unknown) => {
      if (!(error instanceof CorruptObject)) throw error;
      note(
        `${this.#key} is damaged, so prices are those that come with Sweepstack; sweep prices --refresh writes it again`,
      );
      return null;
    });
  }

  /** Puts prices beside those of other types, of which they replace none. What is damaged is replaced. */
  async add(asked: AskedPrices): Promise<void> {
    const before = await this.readable(() => {});
    await this.#store.put(this.#key, jsonText(withAsked(before, asked)));
  }
}
