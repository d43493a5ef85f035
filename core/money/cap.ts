import { digestOf } from '../base/digest.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialResult } from '../trial/result.ts';
import { dollarsText } from './dollars.ts';
import { secondsAnEpoch } from './epoch-seconds.ts';
import type { DollarSpend } from './spend.ts';

export type Budget = Spec['budget'];

/** What a sweep has had of its budget. */
export interface Spend {
  /** When its first training began, in milliseconds since 1970; null: none has, or the budget does not ask. */
  readonly firstStart: number | null;
  /** Left out where the budget does not ask. */
  readonly dollars?: DollarSpend;
}

/** Results of which the expected seconds of the next training are the mean. */
export const SAMPLED_RESULTS = 16;

/** By which it is known that a budget has ended a sweep: another budget has another name. Null: nothing caps the sweep. */
export function budgetName(budget: Budget): string | null {
  const { hours, deadline, dollars } = budget ?? {};
  if (hours === undefined && deadline === undefined && dollars === undefined) return null;
  return digestOf([hours ?? null, deadline ?? null, ...(dollars === undefined ? [] : [dollars])]).slice(0, 16);
}

/**
 * Why no further training may begin, as a clause for a person; null: one may. A deadline has to leave room for it, so that
 * what is begun can be finished; the hours are up when they are up. Dollars have to last for it and for all that runs.
 * @param spend its dollars with this training among what runs
 * @param now milliseconds since 1970
 * @param expectedSeconds how long the training takes; null: not known, and it may begin
 */
export function reasonNotToBegin(
  budget: Budget,
  spend: Spend,
  now: number,
  expectedSeconds: number | null,
): string | null {
  const over = reasonToInterrupt(budget, spend, now);
  if (over !== null) return over;
  const { deadline, dollars } = budget ?? {};
  const left = deadline === undefined ? null : (Date.parse(deadline) - now) / 1000;
  if (left !== null && expectedSeconds !== null && expectedSeconds > left)
    return `another training takes about ${inWords(expectedSeconds)}, and ${inWords(left)} were left until budget.deadline, ${deadline}`;
  if (dollars === undefined || spend.dollars === undefined || spend.dollars.foreseen <= dollars) return null;
  return `another training was expected to bring the total to ${dollarsText(spend.dollars.foreseen)}, and budget.dollars allows ${dollarsText(dollars)}`;
}

/** Why a training that runs has to end, with its checkpoint; null: it goes on. */
export function reasonToInterrupt(budget: Budget, spend: Spend, now: number): string | null {
  const { hours, deadline, dollars } = budget ?? {};
  const { firstStart } = spend;
  if (hours !== undefined && firstStart !== null && now - firstStart >= hours * 3_600_000)
    return `budget.hours allows ${hours} h from the first training, which began at ${new Date(firstStart).toISOString()}`;
  if (deadline !== undefined && now >= Date.parse(deadline)) return `budget.deadline, ${deadline}, has passed`;
  if (dollars !== undefined && spend.dollars !== undefined && spend.dollars.now >= dollars)
    return `budget.dollars allows ${dollarsText(dollars)}, and ${dollarsText(spend.dollars.now)} had been spent`;
  return null;
}

/**
 * That the budget is expected to end the sweep before it is through, as a sentence without its stop; null: it is not.
 * @param rest what the sweep takes from `now` on
 * @param spend what it has had of the budget before
 */
export function endsBeforeThrough(
  budget: Budget,
  rest: { readonly seconds: number; readonly dollars: number },
  now: number,
  spend: Spend,
): string | null {
  // All is trained already.
  if (rest.seconds <= 0) return null;
  const { hours = Number.POSITIVE_INFINITY, deadline, dollars = Number.POSITIVE_INFINITY } = budget ?? {};
  const left = deadline === undefined ? Number.POSITIVE_INFINITY : (Date.parse(deadline) - now) / 1000;
  const run = spend.firstStart === null ? 0 : (now - spend.firstStart) / 1000;
  const spent = spend.dollars?.now ?? 0;
  const before = spent === 0 ? '' : `, of which ${dollarsText(spent)} are spent`;
  // By the part of the sweep that each allows.
  const [first] = [
    { name: `budget.hours, ${hours}`, part: (hours * 3600 - run) / rest.seconds },
    { name: `budget.deadline, ${deadline}`, part: left / rest.seconds },
    { name: `budget.dollars, ${dollarsText(dollars)}${before}`, part: (dollars - spent) / rest.dollars },
  ].sort((a, b) => a.part - b.part);
  if (first === undefined || !(first.part < 1)) return null;
  return `${first.name}, is expected to end the sweep before everything is trained, with its best so far`;
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}

/**
 * Seconds that a training is expected to take, by the results there are; null where they tell nothing.
 * @param before epochs that the trial was trained to already
 */
export function expectedSeconds(
  spec: Spec,
  { epochs, before }: { readonly epochs: number; readonly before: number },
  results: readonly TrialResult[],
): number | null {
  const mean = secondsAnEpoch(
    spec,
    results.map(({ epochs: trained, status, stopped, facts }) => ({
      record: { epochs: trained, status, ...(stopped === undefined ? {} : { stopped }) },
      facts,
    })),
  );
  return mean === null ? null : mean.seconds * (epochs - before);
}
