import { type CollectedTrial, wholeSeconds } from '../trial/collected.ts';
import { isSkipped } from '../trial/failure.ts';
import type { TrialRecord } from '../trial/record.ts';
import type { Observation } from './strategies/strategy.ts';

/** A record, and how long its training took where one attempt began and ended it; what learns from no seconds has none. */
export type TimedRecord = TrialRecord & { readonly seconds?: number | undefined };

export const timedRecordOf = ({ record, facts }: CollectedTrial): TimedRecord => ({
  ...record,
  seconds: wholeSeconds(facts),
});

/** The search's own trials as a strategy sees them. Of one that a person skipped nothing is known but that it was planned. */
export function observationsOf(records: readonly TimedRecord[]): Observation[] {
  return records.flatMap(({ confirms, parameters, value, others, epochs, failureClass, seconds }) => {
    if (confirms !== undefined) return [];
    const known = { ...(others === undefined ? {} : { others }), ...(seconds === undefined ? {} : { seconds }) };
    return [{ parameters, value: isSkipped(failureClass) ? undefined : value, ...known, epochs }];
  });
}
