import type { PaidAttempt } from './attempts.ts';

/** Seconds of attempts in the last hour in which any ran. */
export interface Lately {
  readonly paid: number;
  /** Of attempts that were interrupted. */
  readonly interrupted: number;
}

const HOUR_MS = 3_600_000;

/**
 * What the last hour before the end of the latest attempt was paid for. Only instances of EC2 are taken back: on a machine
 * of one's own it was Ctrl-C, or the program itself.
 */
export function latelyOf(all: readonly PaidAttempt[]): Lately {
  const attempts = all.filter(({ instance }) => instance !== undefined);
  const endOf = ({ start, seconds }: PaidAttempt) => start + seconds * 1000;
  const from = attempts.reduce((latest, attempt) => Math.max(latest, endOf(attempt)), 0) - HOUR_MS;
  const sum = (some: readonly PaidAttempt[]) =>
    some.reduce((all, attempt) => all + Math.max(0, endOf(attempt) - Math.max(from, attempt.start)) / 1000, 0);
  return { paid: sum(attempts), interrupted: sum(attempts.filter(({ outcome }) => outcome === 'interrupted')) };
}

/** More than this share of paid time is much to lose. */
const MUCH = 0.3;

/** A sentence where interruptions took much of the last hour; null where they did not. */
export function interruptionWarning({ paid, interrupted }: Lately, profile: string): string | null {
  if (interrupted <= MUCH * paid) return null;
  const share = Math.round((100 * interrupted) / paid);
  return `${share} % of the last hour's paid time went to attempts that were interrupted; a profile like ${profile} with spot: false is not interrupted, and other instance types may be less often`;
}
