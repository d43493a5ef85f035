import { batchAttemptSeconds } from '../core/aws/time-limits.ts';
import { CorruptObject } from '../core/base/errors.ts';
import { evenSample } from '../core/base/even-sample.ts';
import { budgetEndKey, budgetPricesKey, firstStartKey } from '../core/layout/keys.ts';
import { arePricesSame, type BudgetPrices, budgetPricesSchema, priceOfMachine } from '../core/money/budget-prices.ts';
import {
  type Budget,
  budgetName,
  expectedSeconds,
  reasonNotToBegin,
  reasonToInterrupt,
  SAMPLED_RESULTS,
  type Spend,
} from '../core/money/cap.ts';
import { type DollarSpend, spendOf } from '../core/money/spend.ts';
import { type BegunAttempt, type KnownAttempt, upTo } from '../core/money/starts.ts';
import type { Spec } from '../core/spec/spec.ts';
import { concurrently } from '../storage/concurrently.ts';
import { jsonText, readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';
import { type ResultName, Results } from './results.ts';
import { StartObjects } from './starts.ts';

/**
 * What is known of a sweep's budget: when its first training began, what its attempts cost, and which budgets have ended it.
 * `now` is ISO 8601. No object is read where the budget does not need it.
 */
export class BudgetObjects {
  readonly #store: ObjectStore;
  readonly #sweepId: string;
  readonly #starts: StartObjects;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
    this.#starts = new StartObjects(store, sweepId);
  }

  /** What the sweep has had by now. @throws CorruptObject */
  async spend(spec: Spec, now: string): Promise<Spend> {
    const spend = await this.time(spec);
    if (spec.budget?.dollars === undefined) return spend;
    return { ...spend, dollars: await this.#dollars(spec, now, null) };
  }

  /** The same without its dollars, which take a listing. @throws CorruptObject */
  async time({ budget }: Pick<Spec, 'budget'>): Promise<Spend> {
    return { firstStart: budget?.hours === undefined ? null : await this.#firstStart() };
  }

  /** By other prices than before, a budget that has ended the sweep may last: that is judged again. */
  async putPrices({ budget }: Spec, prices: BudgetPrices): Promise<void> {
    const before = await this.#prices().catch(() => null);
    const name = budgetName(budget);
    if (name !== null && before !== null && !arePricesSame(before, prices))
      await this.#store.delete([budgetEndKey(this.#sweepId, name)]);
    await this.#store.put(budgetPricesKey(this.#sweepId), jsonText(prices));
  }

  /** Why nothing more is begun under this budget; null: something may be. Once it has ended it stays so, whoever asks. */
  async end(spec: Spec, now: string): Promise<string | null> {
    return this.#ended(spec.budget, async () =>
      reasonToInterrupt(spec.budget, await this.spend(spec, now), Date.parse(now)),
    );
  }

  /** As `end`, for one training: it may be too long for the time that is left. What it costs, `begin` asks. */
  async endBefore(spec: Spec, training: ResultName, now: string): Promise<string | null> {
    const { budget } = spec;
    return this.#ended(budget, async () => {
      const seconds = budget?.deadline === undefined ? null : (await this.#expectations(spec))(training);
      return reasonNotToBegin(budget, await this.time(spec), Date.parse(now), seconds);
    });
  }

  /**
   * Notes that an attempt takes a machine, unless the dollars do not last for it. Of attempts that begin at the same moment
   * each counts those before it, so that no two take the same dollars.
   * @returns why it may not begin; null: it may, and its end has to be noted
   */
  async begin(spec: Spec, attempt: BegunAttempt): Promise<string | null> {
    const { budget } = spec;
    const now = new Date(attempt.at).toISOString();
    if (budget?.hours !== undefined) await this.#store.putIfAbsent(firstStartKey(this.#sweepId), now);
    if (budget?.dollars === undefined) return null;
    await this.#starts.put({ kind: 'start', ...attempt });
    const because = await this.#ended(budget, async () => {
      const dollars = await this.#dollars(spec, now, attempt);
      return reasonNotToBegin(budget, { firstStart: null, dollars }, attempt.at, null);
    });
    if (because !== null) await this.leave(spec, attempt, attempt.at, false);
    return because;
  }

  /** Notes that an attempt has left its machine; `at`: milliseconds since 1970. */
  async leave({ budget }: Spec, attempt: BegunAttempt, at: number, isTakenBack: boolean): Promise<void> {
    if (budget?.dollars === undefined) return;
    await this.#starts.put({ kind: 'end', at, trialId: attempt.trialId, attempt: attempt.attempt, isTakenBack });
  }

  /** The attempts that were noted, by their starts; none of a sweep that never had a budget of dollars. */
  attempts(): Promise<KnownAttempt[]> {
    return this.#starts.attempts();
  }

  /** Notes that no attempt that is known runs any more. */
  async close({ budget }: Spec, now: string): Promise<void> {
    if (budget?.dollars === undefined) return;
    const open = (await this.#starts.attempts()).filter(({ end }) => end === null);
    if (open.length === 0) return;
    await this.#starts.put({ kind: 'close', at: Date.parse(now) });
    // Of a clock that was set back since: nobody knows how long they ran.
    for (const { at, trialId, attempt } of open.filter(({ at }) => at > Date.parse(now)))
      await this.#starts.put({ kind: 'end', at, trialId, attempt, isTakenBack: false });
  }

  async #firstStart(): Promise<number | null> {
    const key = firstStartKey(this.#sweepId);
    const object = await this.#store.get(key);
    if (object === null) return null;
    const firstStart = Date.parse(object.body.toString());
    if (!Number.isNaN(firstStart)) return firstStart;
    throw new CorruptObject(
      `${key} is damaged, so budget.hours cannot be counted; put it back from a copy, or remove it, and the hours count from the next training`,
    );
  }

  /** `mine`: of the attempts that began after it none counts; null: all do. @throws CorruptObject */
  async #dollars(spec: Spec, now: string, mine: BegunAttempt | null): Promise<DollarSpend> {
    const [attempts, prices] = await Promise.all([this.#starts.attempts(), this.#prices()]);
    // What runs is foreseen only for one that wants to begin.
    const expected = mine === null ? () => null : await this.#expectations(spec);
    return spendOf(mine === null ? attempts : upTo(mine, attempts), {
      now: Date.parse(now),
      limitSeconds: batchAttemptSeconds(spec.compute.timeoutMinutes),
      price: (instance) => priceOfMachine(prices, instance),
      expected,
    });
  }

  async #prices(): Promise<BudgetPrices> {
    const key = budgetPricesKey(this.#sweepId);
    const prices = await readJson(this.#store, key, budgetPricesSchema).catch((error: unknown) => {
      if (error instanceof CorruptObject) return null;
      throw error;
    });
    if (prices !== null) return prices;
    throw new CorruptObject(
      `${key} is damaged or missing, so budget.dollars cannot be counted; run or start the same spec again, which writes it`,
    );
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

  /** Seconds that trainings are expected to take, by what has ended; null where that tells nothing. */
  async #expectations(spec: Spec): Promise<(training: ResultName) => number | null> {
    const results = new Results(this.#store, this.#sweepId);
    const names: ResultName[] = [];
    for await (const name of results.list()) names.push(name);
    // Those that came first alone would be the short ones.
    const sample = await concurrently(evenSample(names, SAMPLED_RESULTS), SAMPLED_RESULTS, (name) =>
      results.readable(name),
    );
    const found = sample.filter((result) => result !== null);
    const before = new Map<string, ResultName[]>();
    for (const name of names) before.set(name.trialId, [...(before.get(name.trialId) ?? []), name]);
    return ({ trialId, epochs }) => {
      const done = (before.get(trialId) ?? []).map((name) => name.epochs).filter((each) => each < epochs);
      return expectedSeconds(spec, { epochs, before: Math.max(0, ...done) }, found);
    };
  }
}
