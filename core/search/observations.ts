import { isSkipped } from '../trial/failure.ts';
import type { TrialRecord } from '../trial/record.ts';
import type { Observation } from './strategies/strategy.ts';

/** The search's own trials as a strategy sees them. Of one that a person skipped nothing is known but that it was planned. */
export function observationsOf(records: readonly TrialRecord[]): Observation[] {
  return records.flatMap(({ confirms, parameters, value, others, epochs, failureClass }) => {
    if (confirms !== undefined) return [];
    const known = others === undefined ? {} : { others };
    return [{ parameters, value: isSkipped(failureClass) ? undefined : value, ...known, epochs }];
  });
}
