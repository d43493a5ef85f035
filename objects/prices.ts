import { type RecordedProfile, regionOfArn } from '../core/aws/deployment.ts';
import { CorruptObject } from '../core/base/errors.ts';
import { pricesKey } from '../core/layout/keys.ts';
import type { KnownPrices } from '../core/money/costs.ts';
import { type AskedPrices, askedPricesSchema, withAsked } from '../core/money/prices.ts';
import type { Spec } from '../core/spec/spec.ts';
import { AccessDenied } from '../storage/errors.ts';
import { jsonText, readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

/**
 * By which prices a sweep is counted on the machines of a profile, whoever counts: the spec's own, else the profile's own,
 * else what the stack was told, else the list. What one person's machine keeps counts for no sweep of a stack.
 */
export async function knownPrices(
  store: ObjectStore,
  { compute }: Pick<Spec, 'compute'>,
  deployment: Pick<RecordedProfile, 'jobDefinition' | 'dollarsPerHour'> | null,
): Promise<KnownPrices> {
  const region = deployment === null ? null : regionOfArn(deployment.jobDefinition);
  const asked = region === null ? null : await stackPrices(store, region, () => {});
  return { own: compute.dollarsPerHour ?? deployment?.dollarsPerHour ?? null, asked };
}

/** What AWS told a stack, whoever asked; null: nothing. `note`: told of a damaged object. */
export async function stackPrices(
  store: ObjectStore,
  region: string,
  note: (sentence: string) => void,
): Promise<AskedPrices | null> {
  return new StackPrices(store, region).readable(note).catch((error: unknown) => {
    // A person of a stack of an earlier version, which gives nobody the right.
    if (error instanceof AccessDenied) return null;
    throw error;
  });
}

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
