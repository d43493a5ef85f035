import { type AccountOptions, billedDollars } from './account.ts';
import type { PaidAttempt } from './attempts.ts';
import type { BegunAttempt, KnownAttempt } from './starts.ts';

/** Dollars that a sweep's machines cost, each from its start to its end, as `sweep costs` bills them. */
export interface DollarSpend {
  /** As if all that runs ended now. */
  readonly now: number;
  /** When all that runs has ended as expected. */
  readonly foreseen: number;
}

export interface SpendWorld {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Seconds that an attempt can take at most. */
  readonly limitSeconds: number;
  readonly price: AccountOptions['price'];
  /** Seconds that an attempt is expected to take; null: not known. */
  readonly expected: (attempt: BegunAttempt) => number | null;
}

/** What attempts have cost, and will have when those that run have ended. */
export function spendOf(attempts: readonly KnownAttempt[], world: SpendWorld): DollarSpend {
  const dollars = (endOf: (attempt: KnownAttempt) => number): number => {
    const paid = attempts.flatMap((attempt) => paidUntil(attempt, endOf(attempt)));
    return billedDollars(paid, { price: world.price, slots: () => null, best: null }) ?? 0;
  };
  const latest = ({ at }: KnownAttempt) => at + world.limitSeconds * 1000;
  const now = (attempt: KnownAttempt) => Math.min(world.now, latest(attempt));
  return {
    now: dollars(now),
    foreseen: dollars((attempt) => {
      const expected = world.expected(attempt);
      return expected === null ? now(attempt) : Math.max(now(attempt), attempt.at + expected * 1000);
    }),
  };
}

/** Of one that was withdrawn at once nothing is paid. One that has just begun has taken its machine. */
function paidUntil(attempt: KnownAttempt, open: number): PaidAttempt[] {
  const { at, end, trialId: id, host, instance, isTakenBack: wasTakenBack } = attempt;
  if (end !== null && end <= at) return [];
  const seconds = Math.max(0.001, ((end ?? open) - at) / 1000);
  return [{ trial: 0, id, host, instance, start: at, seconds, outcome: 'succeeded', wasTakenBack }];
}
