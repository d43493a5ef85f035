import type { RecordedProfile } from '../../core/aws/deployment.ts';
import type { DataRecord } from '../../core/layout/data.ts';
import { learnsFromResults, planRoundTrials } from '../../core/search/next-round.ts';
import { type RoundRecord, roundEpochs } from '../../core/search/rounds.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { recordOf } from '../../core/trial/collected.ts';
import { circumstancesOf, trialIdentifier } from '../../core/trial/identity.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { mediansOf } from '../../core/trial/median.ts';
import { collectedCurves } from '../../objects/collected.ts';
import type { Rounds } from '../../objects/rounds.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { Services } from '../shared/services.ts';
import type { BegunSweep } from './begin-sweep.ts';
import { checkLostRound } from './lost-round.ts';
import { writeShards } from './shards.ts';

/** Proposes the round's trials and writes their manifest, its record last: without the record no job has seen it. */
export async function proposeRound(
  services: Services,
  sweep: BegunSweep,
  round: number,
  before: readonly RoundRecord[],
): Promise<{ readonly record: RoundRecord; readonly trials: readonly ManifestTrial[] }> {
  const { sweepId, spec } = sweep;
  const { rounds } = sweepObjects(services.store, sweepId);
  const { trials, plan } = await proposeTrials(services, sweep, before);
  await checkLostRound(services.store, sweepId, { round, ...plan, size: trials.length }, trials);
  const shards = await writeShards(rounds, round, 0, trials);
  const record: RoundRecord = { round, ...plan, size: trials.length, shards };
  if (spec.training.stop?.median) await putMedians(rounds, spec, round, before);
  await rounds.plan(record);
  return { record, trials };
}

/** The trials that follow the rounds before, the same whenever it is asked. */
export async function proposeTrials(
  services: Services,
  { sweepId, spec, deployment, data }: BegunSweep,
  before: readonly RoundRecord[],
) {
  const { definition, rounds } = sweepObjects(services.store, sweepId);
  const records = learnsFromResults(spec) ? (await rounds.collected(before)).map(recordOf) : [];
  const warm = await definition.warmStart(spec);
  const { trials: planned, ...plan } = planRoundTrials(
    spec,
    { rounds: before, records, warm: warm?.observations ?? [] },
    data.champion === null ? [] : [data.champion],
  );
  const identify = identifierOf(spec, data, deployment);
  const trials = planned.map(({ trial, parameters, seed, confirms }) => ({
    trial,
    id: identify({ parameters, ...(seed === undefined ? {} : { seed }) }),
    epochs: roundEpochs(spec, plan),
    parameters,
    ...(seed === undefined ? {} : { seed, confirms }),
  }));
  return { trials, plan };
}

/** A trial's id, by all that decides it. */
export function identifierOf(spec: Spec, data: DataRecord, deployment: RecordedProfile) {
  const circumstances = circumstancesOf(spec, data.digest, deployment.image);
  const identify = trialIdentifier(circumstances);
  return ({ parameters, seed }: Pick<ManifestTrial, 'parameters' | 'seed'>): string =>
    seed === undefined ? identify(parameters) : trialIdentifier({ ...circumstances, seed })(parameters);
}

/** Beside the manifest, and fixed with it: what a trial is compared with does not depend on when it runs. */
export async function putMedians(
  rounds: Rounds,
  spec: Spec,
  round: number,
  before: readonly RoundRecord[],
): Promise<void> {
  const curves = await collectedCurves(rounds, before);
  const medians = mediansOf(
    curves.map(({ curve }) => curve),
    spec.objective.goal,
    spec.training.epochs,
  );
  if (medians !== null) await rounds.putMedians(round, medians);
}
