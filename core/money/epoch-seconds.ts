import { foreseenRounds } from '../search/forecast.ts';
import type { Spec } from '../spec/spec.ts';
import type { CollectedTrial } from '../trial/collected.ts';

type Trained = Pick<CollectedTrial['record'], 'epochs' | 'status' | 'stopped'>;
type Measured = Pick<CollectedTrial['facts'], 'seconds' | 'attemptNumber'>;

/**
 * Mean seconds an epoch of the trials that were trained from their beginning to their end in one attempt; null where none
 * were. A sum of trials costs so many times the mean, whatever the times' spread.
 */
export function secondsAnEpoch(
  spec: Spec,
  trials: readonly { readonly record: Trained; readonly facts: Measured }[],
): { readonly seconds: number; readonly trials: number } | null {
  const rounds = foreseenRounds(spec);
  const continued = new Set(rounds.filter(({ kind }) => kind === 'rung').map(({ epochs }) => epochs));
  const each = trials.flatMap(({ record: { epochs, status, stopped }, facts: { seconds, attemptNumber } }) =>
    status === 'succeeded' && stopped === undefined && seconds !== null && attemptNumber === 1 && !continued.has(epochs)
      ? [seconds / epochs]
      : [],
  );
  return each.length === 0 ? null : { seconds: each.reduce((a, b) => a + b, 0) / each.length, trials: each.length };
}
