import { largestOf } from '../base/numbers.ts';
import type { Instance } from '../trial/instance.ts';
import type { TotalPhases } from '../trial/phases.ts';
import { OUTCOMES, type Outcome, type PaidAttempt } from './attempts.ts';
import { type Lately, latelyOf } from './lately.ts';
import { type Life, livesOf } from './lives.ts';
import type { Price } from './prices.ts';
import { BESIDE_AN_HOUR, LOGS_AN_ATTEMPT } from './rates.ts';
import { phasesByTrial, phasesTogether } from './trial-phases.ts';

/** What a trial has cost, over all of its trainings and attempts. */
export interface TrialCost {
  readonly trial: number;
  readonly id: string;
  /** With its part of what its machines cost while they started, idled and ended; null: no price is known. */
  readonly dollars: number | null;
  /** Of its attempts, together. */
  readonly seconds: number;
  /** Of those that were interrupted. */
  readonly interruptedSeconds: number;
  /** Of those whose phases are known. */
  readonly phases: TotalPhases;
  readonly attempts: number;
  /** The part of its last machine that it took. */
  readonly share: number;
}

/** What a sweep has cost. Dollars are null where no price is known. */
export interface Account {
  /** All of it: the bill of the machines, what lies beside them, and logs. */
  readonly dollars: number | null;
  /** Until its best trial had ended; null, too, without one. */
  readonly toBest: number | null;
  /** The same dollars by how the attempts ended that they went to. */
  readonly by: Readonly<Record<Outcome, number>> | null;
  /** Of those dollars, what was paid while slots were free: at starts, between trials, and at ends. */
  readonly idle: number | null;
  /** What Spot instances that were taken back in their first hour would have cost. */
  readonly notCharged: number | null;
  /** Of attempts, together. */
  readonly seconds: number;
  readonly secondsBy: Readonly<Record<Outcome, number>>;
  /** Of attempts whose phases are known. */
  readonly phases: TotalPhases;
  /** Of the last hour. */
  readonly lately: Lately;
  /** Machines: instances, each from its start to its end, and machines of one's own. */
  readonly machines: number;
  /** Those whose price nobody knows; their dollars are in no sum. */
  readonly unpriced: number;
  readonly trials: readonly TrialCost[];
  /** Each once. */
  readonly prices: readonly Price[];
}

export interface AccountOptions {
  /** Of an instance, or of a machine of one's own (undefined); null: not known. */
  readonly price: (instance: Instance | undefined) => Price | null;
  /** Attempts that a machine of the type holds at once; null: as many as ran at once. */
  readonly slots: (type: string | null) => number | null;
  /** The trial that is the best; null: none. */
  readonly best: string | null;
}

interface Bill {
  readonly life: Life;
  readonly price: Price | null;
  /** Of the machine and what lies beside it. */
  readonly dollars: number;
  readonly notCharged: number;
  readonly seconds: number;
  readonly slots: number;
}

/** What attempts have cost: each machine's bill, divided among its attempts by their seconds. */
export function accountOf(attempts: readonly PaidAttempt[], options: AccountOptions): Account {
  const bills = livesOf(attempts).map((life) => billOf(life, options));
  const priced = bills.filter(({ price }) => price !== null);
  const isKnown = priced.length > 0;
  const phases = phasesByTrial(attempts);
  const end = endOfBest(attempts, options.best);
  const known = (amount: number): number | null => (isKnown ? amount : null);
  const by = sumBy(priced, costOf);
  const total = OUTCOMES.reduce((sum, outcome) => sum + by[outcome], 0);
  return {
    dollars: known(total),
    toBest: isKnown && end !== null ? spentUntil(priced, [end])[0]! : null,
    by: isKnown ? by : null,
    idle: known(priced.reduce((sum, bill) => sum + bill.dollars * idleShare(bill), 0)),
    notCharged: known(priced.reduce((sum, { notCharged }) => sum + notCharged, 0)),
    seconds: attempts.reduce((sum, { seconds }) => sum + seconds, 0),
    secondsBy: sumBy(bills, (_, { seconds }) => seconds),
    phases: phasesTogether(phases.values()),
    lately: latelyOf(attempts),
    machines: machinesOf(bills),
    unpriced: machinesOf(bills) - machinesOf(priced),
    trials: trialCosts(bills, phases),
    prices: distinct(priced.map(({ price }) => price!)),
  };
}

/** The same dollars as `accountOf` has in all, without whom they went to; null where no price is known. */
export const billedDollars = (attempts: readonly PaidAttempt[], options: AccountOptions): number | null =>
  billed(attempts, options).dollars;

/** As much of an account as needs no look at each trial. */
export function billed(
  attempts: readonly PaidAttempt[],
  options: AccountOptions,
): Pick<Account, 'dollars' | 'unpriced' | 'prices'> {
  const bills = livesOf(attempts).map((life) => billOf(life, options));
  const priced = bills.filter(({ price }) => price !== null);
  const dollars = priced.reduce((sum, { life, dollars }) => sum + dollars + life.attempts.length * logsOf(life), 0);
  return {
    dollars: priced.length === 0 ? null : dollars,
    unpriced: machinesOf(bills) - machinesOf(priced),
    prices: distinct(priced.map(({ price }) => price!)),
  };
}

/** Dollars of the log of each attempt on the machine. */
const logsOf = ({ attempts }: Life): number => (attempts[0]!.instance === undefined ? 0 : LOGS_AN_ATTEMPT);

/** A machine of one's own is one, however often it was taken. */
const machinesOf = (bills: readonly Bill[]): number =>
  new Set(
    bills.map((bill) => {
      const { instance, host } = bill.life.attempts[0]!;
      return instance === undefined ? host : bill;
    }),
  ).size;

function billOf(life: Life, { price: priceOf, slots }: AccountOptions): Bill {
  const { instance } = life.attempts[0]!;
  const hours = (life.to - life.from) / 3_600_000;
  const price = priceOf(instance);
  const own = hours * (price?.dollars ?? 0);
  const isOnEc2 = instance !== undefined;
  return {
    life,
    price,
    dollars: (life.isFree ? 0 : own) + (isOnEc2 ? hours * BESIDE_AN_HOUR : 0),
    notCharged: life.isFree ? own : 0,
    seconds: life.attempts.reduce((sum, { seconds }) => sum + seconds, 0),
    slots: Math.max(life.atOnce, slots(instance?.type ?? null) ?? 0),
  };
}

/** Dollars of an attempt: its part of the machine's bill, by seconds, and its logs. */
function costOf({ life, dollars, seconds }: Bill, attempt: PaidAttempt): number {
  return (dollars * attempt.seconds) / seconds + logsOf(life);
}

/** The part of the machine's time in which its slots were free. */
function idleShare({ life, seconds, slots }: Bill): number {
  return Math.max(0, 1 - (seconds * 1000) / (slots * (life.to - life.from)));
}

function sumBy(
  bills: readonly Bill[],
  amountOf: (bill: Bill, attempt: PaidAttempt) => number,
): Record<Outcome, number> {
  const sums = { succeeded: 0, stopped: 0, failed: 0, interrupted: 0 };
  for (const bill of bills) for (const attempt of bill.life.attempts) sums[attempt.outcome] += amountOf(bill, attempt);
  return sums;
}

/**
 * Dollars that had been spent by each of these times (milliseconds since 1970), as `toBest` counts them; null where no price
 * is known.
 */
export function spentBy(
  attempts: readonly PaidAttempt[],
  options: AccountOptions,
  times: readonly number[],
): number[] | null {
  const priced = livesOf(attempts)
    .map((life) => billOf(life, options))
    .filter(({ price }) => price !== null);
  return priced.length === 0 ? null : spentUntil(priced, times);
}

/** One walk over all machines and times: 10,000 of each are quick. */
function spentUntil(bills: readonly Bill[], times: readonly number[]): number[] {
  const changes = bills.flatMap(changesOf).sort((a, b) => a.at - b.at);
  const spent = new Array<number>(times.length).fill(0);
  let [dollars, rate, since, next] = [0, 0, changes[0]!.at, 0];
  for (const [index, time] of [...times.entries()].sort(([, a], [, b]) => a - b)) {
    for (let change = changes[next]; change !== undefined && change.at < time; change = changes[++next]) {
      dollars += rate * (change.at - since) + change.dollars;
      rate += change.rate;
      since = change.at;
    }
    spent[index] = dollars + rate * Math.max(0, time - since);
  }
  return spent;
}

interface Change {
  readonly at: number;
  /** Dollars a millisecond, from then on. */
  readonly rate: number;
  /** At once. */
  readonly dollars: number;
}

/** A machine's dollars come evenly while it lives, those of logs when an attempt starts. */
function changesOf({ life, dollars }: Bill): Change[] {
  const { from, to, attempts } = life;
  const rate = dollars / (to - from);
  return [
    { at: from, rate, dollars: 0 },
    { at: to, rate: -rate, dollars: 0 },
    ...attempts.map(({ start }) => ({ at: start, rate: 0, dollars: logsOf(life) })),
  ];
}

function endOfBest(attempts: readonly PaidAttempt[], best: string | null): number | null {
  const ends = attempts.flatMap(({ id, start, seconds }) => (id === best ? [start + seconds * 1000] : []));
  return ends.length === 0 ? null : largestOf(ends);
}

function trialCosts(bills: readonly Bill[], phases: ReadonlyMap<string, TotalPhases>): TrialCost[] {
  const costs = new Map<string, TrialCost & { readonly end: number }>();
  for (const bill of bills)
    for (const attempt of bill.life.attempts) {
      const { id, trial, seconds, start, outcome } = attempt;
      const before = costs.get(id) ?? NO_COST;
      const end = start + seconds * 1000;
      const isUnknown = bill.price === null || (before.attempts > 0 && before.dollars === null);
      costs.set(id, {
        trial,
        id,
        dollars: isUnknown ? null : (before.dollars ?? 0) + costOf(bill, attempt),
        seconds: before.seconds + seconds,
        interruptedSeconds: before.interruptedSeconds + (outcome === 'interrupted' ? seconds : 0),
        phases: phases.get(id)!,
        attempts: before.attempts + 1,
        share: end >= before.end ? 1 / bill.slots : before.share,
        end: Math.max(end, before.end),
      });
    }
  return [...costs.values()].sort((a, b) => a.trial - b.trial).map(({ end: _, ...cost }) => cost);
}

const NO_COST = {
  dollars: null,
  seconds: 0,
  interruptedSeconds: 0,
  attempts: 0,
  share: 0,
  end: Number.NEGATIVE_INFINITY,
};

function distinct(prices: readonly Price[]): Price[] {
  // Most are one object again and again.
  return [...new Map([...new Set(prices)].map((price) => [JSON.stringify(price), price])).values()];
}
