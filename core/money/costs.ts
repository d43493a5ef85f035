import * as z from 'zod';
import type { CollectedTrial } from '../trial/collected.ts';
import type { TotalPhases } from '../trial/phases.ts';
import { type Account, type AccountOptions, accountOf, spentBy, type TrialCost } from './account.ts';
import { OUTCOMES, type PaidAttempt, paidAttempts } from './attempts.ts';
import { type AskedPrices, type PriceBook, priceSchema, pricesBy } from './prices.ts';
import { type KnownAttempt, killedAttempts } from './starts.ts';

const amount = z.number().nullable();
const byOutcome = z.record(z.enum(OUTCOMES), z.number());

/** `costs` of facts.json: an account (account.ts) without its trials, by the prices that were known when a round was judged. */
export const costsSchema = z.object({
  dollars: amount,
  toBest: amount,
  by: byOutcome.nullable(),
  idle: amount,
  notCharged: amount,
  seconds: z.number(),
  secondsBy: byOutcome,
  /** Left out by earlier versions. */
  phases: z
    .object({ waiting: amount, pulling: amount, fetching: z.number(), training: z.number(), uploading: z.number() })
    .optional(),
  lately: z.object({ paid: z.number(), interrupted: z.number() }),
  machines: z.int(),
  unpriced: z.int(),
  prices: z.array(priceSchema).readonly(),
}) satisfies z.ZodType<Omit<Account, 'trials' | 'phases'> & { readonly phases?: TotalPhases | undefined }>;
export type Costs = z.output<typeof costsSchema>;

/** Attempts that no result may tell of. */
export interface Untold {
  /** Those whose starts and ends were noted, as under a budget of dollars. */
  readonly noted: readonly KnownAttempt[];
  /** Those that were told to stop at trainings without a result. */
  readonly open: readonly PaidAttempt[];
}

/** Every attempt that a machine was paid for, as far as anything tells of it. `numbers`: of trials, by id. */
export function allAttempts(
  ofResults: readonly PaidAttempt[],
  { noted, open }: Untold,
  numbers: ReadonlyMap<string, number>,
): PaidAttempt[] {
  const told = [...ofResults, ...open];
  return [...told, ...killedAttempts(noted, told, numbers)];
}

interface Wanted {
  /** Every training, of all rounds. */
  readonly trials: readonly CollectedTrial[];
  readonly untold: Untold;
  /** The id of the best trial; null: there is none. */
  readonly best: string | null;
  readonly known: KnownPrices;
}

/** What is known of prices beside the list. */
export interface KnownPrices {
  /** Dollars an hour of any machine, where its owner says so. */
  readonly own: number | null;
  /** What AWS told of a region; null: nothing. */
  readonly asked: AskedPrices | null;
}

/** What trials have cost, and what each of them has, by id. */
export function costsOf({ trials, untold, best, known }: Wanted): {
  readonly costs: Costs;
  readonly byTrial: ReadonlyMap<string, TrialCost>;
} {
  const numbers = new Map(trials.map(({ record }) => [record.id, record.trial]));
  const attempts = allAttempts(paidAttempts(trials), untold, numbers);
  const { trials: each, ...costs } = accountOf(attempts, optionsOf(known, best));
  return {
    costs,
    byTrial: new Map(each.map((cost) => [cost.id, cost])),
  };
}

/** Dollars that these trainings had cost by each of the times (milliseconds since 1970); null where no price is known. */
export const spendingOf = (
  { trials, known }: Pick<Wanted, 'trials' | 'known'>,
  times: readonly number[],
): number[] | null => spentBy(paidAttempts(trials), optionsOf(known, null), times);

function optionsOf(known: KnownPrices, best: string | null): AccountOptions {
  const book = (region: string): PriceBook => ({ region, ...known });
  return { price: pricesBy(book), best, slots: () => null };
}
