import { digestOf } from '../base/digest.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialResult } from '../trial/result.ts';
import { secondsAnEpoch } from './epoch-seconds.ts';

export type Budget = Spec['budget'];

/** What a sweep has had of its budget. */
export interface Spend {
  /** When its first training began, in milliseconds since 1970; null: none has, or the budget does not ask. */
  readonly firstStart: number | null;
}

/** Results of which the expected seconds of the next training are the mean. */
export const SAMPLED_RESULTS = 16;

/** By which it is known that a budget has ended a sweep: another budget has another name. Null: nothing caps the sweep. */
export function budgetName(budget: Budget): string | null {
  const { hours, deadline } = budget ?? {};
  if (hours === undefined && deadline === undefined) return null;
  return digestOf([hours ?? null, deadline ?? null]).slice(0, 16);
}

/**
 * Why no further training may begin, as a clause for a person; null: one may. A deadline has to leave room for it, so that
 * what is begun can be finished; the hours are up when they are up.
 * @param now milliseconds since 1970
 * @param expectedSeconds how long the training takes; null: not known, and it may begin
 */
export function reasonNotToBegin(
  budget: Budget,
  { firstStart }: Spend,
  now: number,
  expectedSeconds: number | null,
): string | null {
  const { hours, deadline } = budget ?? {};
  if (hours !== undefined && firstStart !== null && now - firstStart >= hours * 3_600_000)
    return `budget.hours allows ${hours} h from the first training, which began at ${new Date(firstStart).toISOString()}`;
  if (deadline === undefined) return null;
  const left = (Date.parse(deadline) - now) / 1000;
  if (left <= 0) return `budget.deadline, ${deadline}, has passed`;
  if (expectedSeconds === null || expectedSeconds <= left) return null;
  return `another training takes about ${inWords(expectedSeconds)}, and ${inWords(left)} were left until budget.deadline, ${deadline}`;
}

/**
 * That the budget is expected to end the sweep before it is through, as a sentence without its stop; null: it is not. What
 * hours have run already is not known before a start, so they count from now.
 * @param seconds that the sweep takes from `now` on
 */
export function endsBeforeThrough(budget: Budget, seconds: number, now: number): string | null {
  const { hours = Number.POSITIVE_INFINITY, deadline } = budget ?? {};
  const left = deadline === undefined ? Number.POSITIVE_INFINITY : (Date.parse(deadline) - now) / 1000;
  if (Math.min(hours * 3600, left) >= seconds) return null;
  const name = hours * 3600 < left ? `budget.hours, ${hours}` : `budget.deadline, ${deadline}`;
  return `${name}, is expected to end the sweep before all is trained, with its best so far`;
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}

/** Why a training that runs has to end, with its checkpoint; null: it goes on. */
export const reasonToInterrupt = (budget: Budget, spend: Spend, now: number): string | null =>
  reasonNotToBegin(budget, spend, now, null);

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
