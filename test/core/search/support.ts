import type { RoundRecord } from '../../../core/search/rounds.ts';
import type { TrialRecord } from '../../../core/trial/record.ts';

/** The record of a trial that succeeded with `value`, or failed without one. */
export const record = (number: number, value: number | null, more: Partial<TrialRecord> = {}): TrialRecord => ({
  trial: number,
  id: `t${number}`,
  parameters: {},
  value,
  epoch: value === null ? null : 1,
  epochs: 10,
  status: value === null ? 'failed' : 'succeeded',
  diverged: false,
  failureClass: value === null ? 'no-metric' : null,
  ...more,
});

/** One training of trial `confirms` again, with a new seed. */
export const confirmation = (confirms: number, seed: number, value: number | null): TrialRecord =>
  record(100 * (confirms + 1) + seed, value, { confirms, seed });

/** A round of `size` trials from `first` on. */
export const roundOf = (round: number, first: number, size: number, more: Partial<RoundRecord> = {}): RoundRecord => ({
  round,
  first,
  size,
  exhausted: false,
  kind: 'search',
  shards: size === 0 ? [] : [{ size, width: 100 }],
  ...more,
});
