import { CorruptObject } from '../../core/base/errors.ts';
import { isRecorded, type RoundRecord } from '../../core/search/rounds.ts';
import { encodedManifests, type ManifestTrial, trialsIn } from '../../core/trial/manifest.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { Services } from '../shared/services.ts';
import type { BegunSweep } from './begin-sweep.ts';
import { identifierOf, proposeTrials, putMedians } from './propose-round.ts';

/**
 * The trials of a round planned before. A damaged manifest is written again from the spec and the earlier results.
 * @throws CorruptObject if these do not give the manifest that the round's record describes
 */
export async function soundTrials(
  services: Services,
  sweep: BegunSweep,
  record: RoundRecord,
  before: readonly RoundRecord[],
): Promise<readonly ManifestTrial[]> {
  const { sweepId, spec, deployment, data } = sweep;
  const { rounds } = sweepObjects(services.store, sweepId);
  const identify = identifierOf(spec, data, deployment);
  try {
    const trials = await rounds.trials(record);
    if (trials.every((trial) => trial.id === identify(trial))) return trials;
  } catch (error) {
    if (!(error instanceof CorruptObject)) throw error;
  }
  const trials = [...(await proposeTrials(services, sweep, before)).trials];
  const manifests = [...encodedManifests(trials)];
  const isSame =
    manifests.length === record.shards.length &&
    trials.length === record.size &&
    manifests.every((manifest, shard) => isRecorded(record.shards[shard]!, manifest, trialsIn(manifest)));
  if (!isSame) {
    throw new CorruptObject(
      `the manifest of round ${record.round + 1} of ${sweepId}, rounds/${record.round}/shard-0.json, is damaged, and the current spec or version would write a different one; restore it from a copy, run the spec that planned it with the version that did, or choose another sweepId`,
    );
  }
  for (const [shard, manifest] of manifests.entries()) await rounds.putShard(record.round, shard, manifest);
  return trials;
}

/** Writes damaged or missing medians again, from curves that were collected just before. */
export async function soundMedians(
  { store }: Services,
  { sweepId, spec }: BegunSweep,
  round: number,
  before: readonly RoundRecord[],
): Promise<void> {
  if (!spec.training.stop?.median) return;
  const { rounds } = sweepObjects(store, sweepId);
  const medians = await rounds.medians(round).catch((error: unknown) => {
    if (error instanceof CorruptObject) return null;
    throw error;
  });
  if (medians === null) await putMedians(rounds, spec, round, before);
}
