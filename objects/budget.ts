import { CorruptObject } from '../core/base/errors.ts';
import { evenSample } from '../core/base/even-sample.ts';
import { budgetEndKey, firstStartKey } from '../core/layout/keys.ts';
import {
  type Budget,
  budgetName,
  expectedSeconds,
  reasonNotToBegin,
  reasonToInterrupt,
  SAMPLED_RESULTS,
  type Spend,
} from '../core/money/cap.ts';
import type { Spec } from '../core/spec/spec.ts';
import { concurrently } from '../storage/concurrently.ts';
import type { ObjectStore } from '../storage/store.ts';
import { type ResultName, Results } from './results.ts';

/** What is known of a sweep's budget: when its first training began, and which budgets have ended it. `now` is ISO 8601. */
export class BudgetObjects {
  readonly #store: ObjectStore;
  readonly #sweepId: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
  }

  /** Reads no object where the budget does not need it. @throws CorruptObject */
  async spend(budget: Budget): Promise<Spend> {
    if (budget?.hours === undefined) return { firstStart: null };
    const key = firstStartKey(this.#sweepId);
    const object = await this.#store.get(key);
    if (object === null) return { firstStart: null };
    const firstStart = Date.parse(object.body.toString());
    if (Number.isNaN(firstStart))
      throw new CorruptObject(
        `${key} is damaged, so budget.hours cannot be counted; put it back from a copy, or remove it, and the hours count from the next training`,
      );
    return { firstStart };
  }

  /** Notes that a training begins; the first one counts. The spend from then on. */
  async begin(budget: Budget, spend: Spend, now: string): Promise<Spend> {
    if (budget?.hours === undefined || spend.firstStart !== null) return spend;
    await this.#store.putIfAbsent(firstStartKey(this.#sweepId), now);
    return this.spend(budget);
  }

  /** Why nothing more is begun under this budget; null: something may be. Once it has ended it stays so, whoever asks. */
  async end({ budget }: Pick<Spec, 'budget'>, now: string): Promise<string | null> {
    return this.#ended(budget, async () => reasonToInterrupt(budget, await this.spend(budget), Date.parse(now)));
  }

  /** As `end`, for one training: it may be too long for the time that is left. */
  async endBefore(spec: Spec, training: ResultName, spend: Spend, now: string): Promise<string | null> {
    const { budget } = spec;
    return this.#ended(budget, async () => {
      const seconds = budget?.deadline === undefined ? null : await this.#expected(spec, training);
      return reasonNotToBegin(budget, spend, Date.parse(now), seconds);
    });
  }

  async #ended(budget: Budget, reason: () => Promise<string | null>): Promise<string | null> {
    const name = budgetName(budget);
    if (name === null) return null;
    const key = budgetEndKey(this.#sweepId, name);
    const said = await this.#store.get(key);
    if (said !== null) return said.body.toString();
    const because = await reason();
    if (because !== null) await this.#store.putIfAbsent(key, because);
    return because;
  }

  async #expected(spec: Spec, { trialId, epochs }: ResultName): Promise<number | null> {
    const results = new Results(this.#store, this.#sweepId);
    const names: ResultName[] = [];
    for await (const name of results.list()) names.push(name);
    const before = names.filter((name) => name.trialId === trialId && name.epochs < epochs);
    // Those that came first alone would be the short ones.
    const sample = await concurrently(evenSample(names, SAMPLED_RESULTS), SAMPLED_RESULTS, (name) =>
      results.readable(name),
    );
    const found = sample.filter((result) => result !== null);
    return expectedSeconds(spec, { epochs, before: Math.max(0, ...before.map((name) => name.epochs)) }, found);
  }
}
