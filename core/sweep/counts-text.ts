import type { TrialCounts } from './run-metadata.ts';

/** How many trials there are, in words; apart from the schemas, which the pages do without. */

type Missed = Pick<TrialCounts, 'failed' | 'notRun' | 'skipped'>;

/** `6 failed, 10 not run, 1 skipped` */
export function missedText({ failed, notRun = 0, skipped = 0 }: Missed): string {
  return [
    `${failed - notRun} failed`,
    ...(notRun === 0 ? [] : [`${notRun} not run`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
  ].join(', ');
}

/** `24`, `24, 6 failed, 10 not run` */
export function trialsText({ planned, ...missed }: Missed & Pick<TrialCounts, 'planned'>): string {
  const isComplete = missed.failed === 0 && (missed.skipped ?? 0) === 0;
  return isComplete ? String(planned) : `${planned}, ${missedText(missed)}`;
}
