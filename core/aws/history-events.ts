import { PlanTooLarge } from '../base/errors.ts';
import { foreseenRounds } from '../search/forecast.ts';
import { partitionLength } from '../search/partitions.ts';
import type { Spec } from '../spec/spec.ts';
import { MAX_SHARD } from '../trial/manifest.ts';

/** Step Functions ends an execution at 25,000 history events; plans above this many by estimate are refused. */
export const MAX_EVENTS = 20_000;

/** History events of a whole sweep by estimate: 45 a round, 16 a shard, 7 a partition (retries leave room to 25,000). */
export function estimateEvents(spec: Spec): number {
  return foreseenRounds(spec).reduce((sum, { trials }) => {
    const shards = Math.ceil(trials / MAX_SHARD);
    const partitions = Math.ceil(trials / partitionLength(trials));
    return sum + 45 + 16 * shards + 7 * partitions;
  }, 0);
}

/** @throws PlanTooLarge with the numbers */
export function checkEvents(spec: Spec): void {
  const events = estimateEvents(spec);
  if (events <= MAX_EVENTS) return;
  throw new PlanTooLarge(
    `${spec.search.trials} trials in ${foreseenRounds(spec).length} rounds need about ${events.toLocaleString('en-US')} history events; ` +
      `allowed: ${MAX_EVENTS.toLocaleString('en-US')} (Step Functions ends an execution at 25,000); lower search.rounds`,
  );
}
