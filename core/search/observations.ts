import type { TrialRecord } from '../trial/record.ts';
import type { Observation } from './strategies/strategy.ts';

/** The search's own trials as a strategy sees them. */
export function observationsOf(records: readonly TrialRecord[]): Observation[] {
  return records.flatMap(({ confirms, parameters, value, epochs }) =>
    confirms === undefined ? [{ parameters, value, epochs }] : [],
  );
}
