import type { PaidAttempt } from './attempts.ts';

type Waiting = Pick<PaidAttempt, 'number' | 'start' | 'submitted' | 'seconds' | 'phases'>;

/**
 * Seconds that an attempt waited for a machine: from the submission of its job, or from the end of the trial's attempt before
 * it, until it began, without those in which its image was pulled. Null: not known.
 * @param before the trial's attempt before it that is known; undefined: there is none
 */
export function waitedSeconds(attempt: Waiting, before: Waiting | undefined): number | null {
  const { number = 1, start, submitted, phases } = attempt;
  if (submitted === undefined) return null;
  const end = before === undefined ? 0 : before.start + before.seconds * 1000;
  const isRepeated = before !== undefined && end > submitted;
  // Between the two, others were killed and left no word of their time.
  if (isRepeated ? number - (before.number ?? 1) > 1 : number > 1) return null;
  return Math.max(0, (start - Math.max(submitted, end)) / 1000 - (phases?.pulling ?? 0));
}
