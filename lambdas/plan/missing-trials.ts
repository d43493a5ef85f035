import { type RoundRecord, roundEpochs } from '../../core/search/rounds.ts';
import { trialsPerChild } from '../../core/spec/packing.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { isTrainedAgain } from '../../core/trial/failure.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import type { PresentResults, ResultName, Results } from '../../objects/results.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { concurrently } from '../../storage/concurrently.ts';
import type { Services } from '../shared/services.ts';
import { type Shard, shardsOf, writeShards } from './shards.ts';

/** What a new round needs if none of its trials has a result: all of them. */
export async function allOf(services: Services, spec: Spec, sweepId: string, record: RoundRecord): Promise<Shard[]> {
  if (record.size > 0) await sweepObjects(services.store, sweepId).failures.forget(record.round);
  return shardsOf(services, sweepId, record.round, 0, record.shards, trialsPerChild(spec.compute));
}

/**
 * What a previously planned round still needs: trials without a result at the current budget, and failed trials whose
 * class is not final. Unless these are all its trials, they get their own manifests, so no child starts for nothing.
 * Trials that never ran come first: one that failed may well fail again and end the sweep.
 */
export async function missingOf(
  services: Services,
  spec: Spec,
  sweepId: string,
  record: RoundRecord,
  trials: readonly ManifestTrial[],
  present: PresentResults,
): Promise<Shard[]> {
  const { rounds, results, failures } = sweepObjects(services.store, sweepId);
  const epochs = roundEpochs(spec, record);
  const each = trialsPerChild(spec.compute);
  const needed = await concurrently(trials, 64, async ({ id }) => {
    const name = { trialId: id, epochs };
    return present.has(name) ? discardUnlessFinal(results, name) : 'never ran';
  });
  const neverRan = trials.filter((_, index) => needed[index] === 'never ran');
  const failed = trials.filter((_, index) => needed[index] === 'failed');
  const missing = [...neverRan, ...failed];
  if (missing.length > 0) await failures.forget(record.round);
  if (
    missing.length === trials.length &&
    missing.every((trial, index) => trial === trials[index] && trial.epochs === epochs)
  )
    return shardsOf(services, sweepId, record.round, 0, record.shards, each);
  const from = await rounds.nextShard(record.round);
  const shards = await writeShards(
    rounds,
    record.round,
    from,
    missing.map((trial) => ({ ...trial, epochs })),
  );
  return shardsOf(services, sweepId, record.round, from, shards, each);
}

/** Removes a result whose trial must be trained again; null if the result stays. */
async function discardUnlessFinal(results: Results, name: ResultName): Promise<'never ran' | 'failed' | null> {
  const result = await results.readable(name);
  if (result !== null && !isTrainedAgain(result.failure)) return null;
  await results.discard(name);
  return result?.failure?.class === 'not-run' ? 'never ran' : 'failed';
}
