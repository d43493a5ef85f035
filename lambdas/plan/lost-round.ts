import { CorruptObject } from '../../core/base/errors.ts';
import { isLostRound, type RoundRecord, type RoundRemains } from '../../core/search/rounds.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import type { PresentResults } from '../../objects/results.ts';
import type { SweepObjects } from '../../objects/sweep-objects.ts';

/**
 * A round without a record may have lost it. The spec may have changed since, but the round, planned again, must be the
 * same: its results and later rounds depend on it.
 * @throws CorruptObject if it would be a different round; nothing has changed then
 */
export function checkLostRound(
  sweepId: string,
  remains: RoundRemains,
  record: Pick<RoundRecord, 'round' | 'kind' | 'first'>,
  trials: readonly ManifestTrial[],
): void {
  if (isLostRound(remains, { ...record, size: trials.length }, trials)) return;
  throw new CorruptObject(
    `sweeps/${sweepId}/rounds/${record.round}/round.json is damaged or missing, and the current spec or version would plan different trials; run the spec that planned it again, with the version that did (then change it), restore that object from a copy, or choose another sweepId`,
  );
}

/**
 * What is left of a round without a record; null if no job has seen it. The record is written before jobs are submitted,
 * so a manifest alone proves nothing.
 * @param present the sweep's results
 */
export async function remainsOf(
  objects: SweepObjects,
  round: number,
  present: PresentResults,
): Promise<RoundRemains | null> {
  const { rounds } = objects;
  const [next, collected, planned] = await Promise.all([
    readable(rounds.record(round + 1)),
    collectedTrials(objects, round),
    rounds.unrecordedTrials(round),
  ]);
  const remains = { next, trials: planned ?? collected, isWhole: planned !== null };
  if (next !== null || collected.length > 0) return remains;
  if (planned === null) return null;
  return planned.some(({ id, epochs }) => present.has({ trialId: id, epochs })) ? remains : null;
}

/** The round's collected trials, as far as they can be read. */
async function collectedTrials({ rounds }: SweepObjects, round: number) {
  const trials: { readonly trial: number; readonly id: string }[] = [];
  for (let partition = 0; ; partition++) {
    const collected = await readable(rounds.partition(round, partition));
    if (collected === null) return trials;
    for (const { record } of collected) trials.push(record);
  }
}

async function readable<T>(reading: Promise<T | null>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CorruptObject) return null;
    throw error;
  }
}
