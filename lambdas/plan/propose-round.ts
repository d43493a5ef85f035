import type { RecordedProfile } from '../../core/aws/deployment.ts';
import type { DataRecord } from '../../core/layout/data.ts';
import { type ComingRound, learnsFromResults, nextRound, type RoundTrial } from '../../core/search/next-round.ts';
import { timedRecordOf } from '../../core/search/observations.ts';
import { type RoundRecord, roundEpochs } from '../../core/search/rounds.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { recordOf } from '../../core/trial/collected.ts';
import { circumstancesOf, trialIdentifier } from '../../core/trial/identity.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { mediansOf } from '../../core/trial/median.ts';
import { collectedCurves } from '../../objects/collected.ts';
import type { PresentResults } from '../../objects/results.ts';
import type { Rounds } from '../../objects/rounds.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { Services } from '../shared/services.ts';
import type { BegunSweep } from './begin-sweep.ts';
import { checkLostRound, remainsOf } from './lost-round.ts';
import { writeShards } from './shards.ts';

/**
 * Proposes the round's trials and writes their manifest, then the record: without a record, no job has seen the round.
 * @param present the sweep's results
 * @returns `trials` null if none has a result; there may be a million, so they are not kept in memory
 */
export async function proposeRound(
  services: Services,
  sweep: BegunSweep,
  round: number,
  before: readonly RoundRecord[],
  present: PresentResults,
): Promise<{ readonly record: RoundRecord; readonly trials: readonly ManifestTrial[] | null }> {
  const { sweepId, spec } = sweep;
  const objects = sweepObjects(services.store, sweepId);
  const { kind, epochs, first, wanted, trials: coming } = await proposeTrials(services, sweep, before);
  const remains = await remainsOf(objects, round, present);
  const trials = remains === null && present.size === 0 ? null : [...coming];
  if (remains !== null && trials !== null) checkLostRound(sweepId, remains, { round, kind, first }, trials);
  const shards = await writeShards(objects.rounds, round, 0, trials ?? coming);
  // Without its record, the round is known by its shards: they are its own alone.
  await objects.rounds.dropShards(round, shards.length);
  const size = shards.reduce((sum, shard) => sum + shard.size, 0);
  const budget = epochs === undefined ? {} : { epochs };
  const record: RoundRecord = { round, kind, exhausted: size < wanted, ...budget, first, size, shards };
  if (spec.training.stop?.median) await putMedians(objects.rounds, spec, round, before);
  await objects.rounds.plan(record);
  return { record, trials };
}

/** The round that follows the given ones; always the same for the same input. Trials are generated as they are read. */
export async function proposeTrials(
  services: Services,
  { sweepId, spec, deployment, data }: BegunSweep,
  before: readonly RoundRecord[],
): Promise<Omit<ComingRound, 'trials'> & { readonly trials: Iterable<ManifestTrial> }> {
  const { definition, rounds } = sweepObjects(services.store, sweepId);
  const records = learnsFromResults(spec)
    ? (await rounds.collected(before)).map(spec.search.costAware ? timedRecordOf : recordOf)
    : [];
  const warm = await definition.warmStart(spec);
  const round = nextRound(
    spec,
    { rounds: before, records, warm: warm?.observations ?? [] },
    data.champion === null ? [] : [data.champion],
  );
  const identify = identifierOf(spec, data, deployment);
  return { ...round, trials: identified(round.trials, roundEpochs(spec, round), identify) };
}

function* identified(
  trials: Iterable<RoundTrial>,
  epochs: number,
  identify: ReturnType<typeof identifierOf>,
): Generator<ManifestTrial> {
  for (const { trial, parameters, seed, confirms } of trials) {
    const again = seed === undefined || confirms === undefined ? {} : { seed, confirms };
    yield { trial, id: identify({ parameters, ...again }), epochs, parameters, ...again };
  }
}

/** Computes a trial's id from everything that determines it. */
export function identifierOf(spec: Spec, data: DataRecord, deployment: RecordedProfile) {
  const circumstances = circumstancesOf(spec, data.digest, deployment.image);
  const identify = trialIdentifier(circumstances);
  return ({ parameters, seed }: Pick<ManifestTrial, 'parameters' | 'seed'>): string =>
    seed === undefined ? identify(parameters) : trialIdentifier({ ...circumstances, seed })(parameters);
}

/** Written and fixed with the manifest, so what a trial is compared with does not depend on when it runs. */
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
