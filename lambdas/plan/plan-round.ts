import type { RecordedProfile } from '../../core/aws/deployment.ts';
import { jobName } from '../../core/aws/job-names.ts';
import { retryStrategy } from '../../core/aws/retry.ts';
import { batchAttemptSeconds } from '../../core/aws/time-limits.ts';
import { CorruptObject, SweepLocked } from '../../core/base/errors.ts';
import type { DataRecord } from '../../core/layout/data.ts';
import { learnsFromResults, planRoundTrials } from '../../core/search/next-round.ts';
import { chunk, type Partition, partitionsOf } from '../../core/search/partitions.ts';
import { isRecorded, type RoundRecord, roundEpochs } from '../../core/search/rounds.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { checkFormat } from '../../core/sweep/resume.ts';
import { recordOf } from '../../core/trial/collected.ts';
import { FAILURES } from '../../core/trial/failure.ts';
import { circumstancesOf, trialIdentifier } from '../../core/trial/identity.ts';
import { encodeManifest, MAX_SHARD, type ManifestTrial } from '../../core/trial/manifest.ts';
import { mediansOf } from '../../core/trial/median.ts';
import { collectedCurves } from '../../objects/collected.ts';
import type { ResultName, Results } from '../../objects/results.ts';
import type { Rounds } from '../../objects/rounds.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { concurrently } from '../../storage/concurrently.ts';
import type { Services } from '../shared/services.ts';
import { type BegunSweep, beginSweep } from './begin-sweep.ts';
import { checkLostRound } from './lost-round.ts';
import { soundRounds } from './sound-rounds.ts';

export interface PlanInput {
  /** The execution's input. */
  readonly spec: unknown;
  readonly execution: string;
  readonly name: string;
  readonly round: number;
  readonly reused: number;
}

/** The round's record, as the state carries it: keys and counts only. */
export interface PlannedRound {
  readonly sweepId: string;
  readonly round: number;
  readonly kind: RoundRecord['kind'];
  readonly epochs: number;
  /** Trials of this execution, up to this round, that already had their final result. */
  readonly reused: number;
  readonly job: {
    readonly queue: string;
    readonly definition: string;
    readonly retryStrategy: ReturnType<typeof retryStrategy>;
    readonly attemptSeconds: number;
    readonly dataPath: string;
    readonly outputPath: string;
  };
  readonly shards: readonly Shard[];
  readonly partitions: readonly Partition[];
}

/** One Batch job: `size` lines of `manifest`; 0 when nothing is left to train. */
export interface Shard {
  readonly name: string;
  readonly size: number;
  readonly manifest: string;
}

/** Plans a round, or finds what is left of one that was planned before. Idempotent. */
export async function planRound(services: Services, input: PlanInput): Promise<PlannedRound> {
  const { sweepId, spec, deployment, data } = await sweepOf(services, input);
  const sweep = { sweepId, spec, deployment, data };
  const rounds = await soundRounds(services.store, sweepId);
  const known = rounds[input.round];
  const { record, trials: planned } =
    known === undefined
      ? await proposeRound(services, sweep, input.round, rounds)
      : { record: known, trials: await soundTrials(services, sweep, known, rounds.slice(0, input.round)) };
  if (known !== undefined) await soundMedians(services, sweep, input.round, rounds.slice(0, input.round));
  // Also of a new round: it may be one whose record was lost, and whose trials have their results.
  const work = await missingOf(services, spec, sweepId, record, planned);
  const trials = work.reduce((sum, shard) => sum + shard.size, 0);
  return {
    sweepId,
    round: input.round,
    kind: record.kind,
    epochs: roundEpochs(spec, record),
    // A trial that goes on was counted in the round that it was new in.
    reused: input.reused + (record.kind === 'rung' ? 0 : record.size - trials),
    job: jobOf(services, spec, deployment, data),
    shards: work,
    partitions: partitionsOf(sweepId, record),
  };
}

async function sweepOf(services: Services, input: PlanInput): Promise<BegunSweep> {
  if (input.round === 0) return beginSweep(services, input.spec, input.execution, input.name);
  const sweepId = (input.spec as { sweepId?: string }).sweepId ?? input.name;
  const objects = sweepObjects(services.store, sweepId);
  const lock = await objects.lock.kept(input.execution, services.now());
  if (lock?.execution !== input.execution) {
    throw new SweepLocked(
      `the sweep ${sweepId} was taken over by ${lock?.execution ?? 'someone who removed its lock'}; this execution ends`,
    );
  }
  const { spec, deployment, data } = await objects.definition.read();
  checkFormat(spec, sweepId);
  if (deployment === null)
    throw new CorruptObject(`the spec.json of ${sweepId} names no profile; start the sweep again`);
  return { sweepId, spec, deployment, data };
}

function jobOf(services: Services, spec: Spec, deployment: RecordedProfile, data: DataRecord): PlannedRound['job'] {
  return {
    queue: deployment.queue,
    definition: deployment.jobDefinition,
    retryStrategy: retryStrategy(spec.compute.attempts),
    attemptSeconds: batchAttemptSeconds(spec.compute.timeoutMinutes),
    dataPath: data.uri ?? '',
    outputPath: services.store.url,
  };
}

/**
 * The trials of a round that was planned before. Its manifest is written anew where it is damaged, from the spec and the
 * results before it.
 * @throws CorruptObject where those do not lead to the manifest that the round's record tells of
 */
async function soundTrials(
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
  const { trials } = await proposeTrials(services, sweep, before);
  const pieces = chunk(trials, MAX_SHARD);
  const isSame =
    pieces.length === record.shards.length &&
    trials.length === record.size &&
    pieces.every((piece, shard) => isRecorded(record.shards[shard]!, encodeManifest(piece), piece.length));
  if (!isSame) {
    throw new CorruptObject(
      `the manifest of round ${record.round + 1} of ${sweepId}, rounds/${record.round}/shard-0.json, is damaged, and the spec of today leads to another one; put it back from a copy, or run the spec that planned it, or choose another sweepId`,
    );
  }
  for (const [shard, piece] of pieces.entries()) await rounds.putShard(record.round, shard, piece);
  return trials;
}

/** A trial's id, by all that decides it. */
function identifierOf(spec: Spec, data: DataRecord, deployment: RecordedProfile) {
  const circumstances = circumstancesOf(spec, data.digest, deployment.image);
  const identify = trialIdentifier(circumstances);
  return ({ parameters, seed }: Pick<ManifestTrial, 'parameters' | 'seed'>): string =>
    seed === undefined ? identify(parameters) : trialIdentifier({ ...circumstances, seed })(parameters);
}

/** Proposes the round's trials and writes their manifest, its record last: without the record no job has seen it. */
async function proposeRound(
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
async function proposeTrials(
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

/** Medians that are damaged or missing are written again; the curves they are drawn from were collected just before. */
async function soundMedians(
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

/** Beside the manifest, and fixed with it: what a trial is compared with does not depend on when it runs. */
async function putMedians(rounds: Rounds, spec: Spec, round: number, before: readonly RoundRecord[]): Promise<void> {
  const curves = await collectedCurves(rounds, before);
  const medians = mediansOf(
    curves.map(({ curve }) => curve),
    spec.objective.goal,
    spec.training.epochs,
  );
  if (medians !== null) await rounds.putMedians(round, medians);
}

async function writeShards(
  rounds: Rounds,
  round: number,
  from: number,
  trials: readonly ManifestTrial[],
): Promise<RoundRecord['shards']> {
  const shards: RoundRecord['shards'] = [];
  for (const piece of chunk(trials, MAX_SHARD)) shards.push(await rounds.putShard(round, from + shards.length, piece));
  return shards;
}

function allOf(services: Services, sweepId: string, record: RoundRecord): Shard[] {
  return shardsOf(services, sweepId, record.round, 0, record.shards);
}

function shardsOf(
  services: Services,
  sweepId: string,
  round: number,
  from: number,
  shards: RoundRecord['shards'],
): Shard[] {
  if (shards.length === 0) return [{ name: jobName(sweepId, round, from), size: 0, manifest: '' }];
  const { rounds } = sweepObjects(services.store, sweepId);
  return shards.map(({ size, width }, index) => ({
    name: jobName(sweepId, round, from + index),
    size,
    manifest: rounds.shardReference(round, from + index, width),
  }));
}

/**
 * What a round that was planned before still needs: trials without a result at today's budget, and failed ones whose
 * class is not final. Unless that is all of it, they get manifests of their own, so that no child starts in vain. What never
 * ran comes first: what failed before may well fail again, and doom the rest.
 */
async function missingOf(
  services: Services,
  spec: Spec,
  sweepId: string,
  record: RoundRecord,
  trials: readonly ManifestTrial[],
): Promise<Shard[]> {
  const { rounds, results, failures } = sweepObjects(services.store, sweepId);
  const epochs = roundEpochs(spec, record);
  const present = await results.present();
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
    return allOf(services, sweepId, record);
  const from = await rounds.nextShard(record.round);
  const shards = await writeShards(
    rounds,
    record.round,
    from,
    missing.map((trial) => ({ ...trial, epochs })),
  );
  return shardsOf(services, sweepId, record.round, from, shards);
}

/** Removes a result that is to be trained again; null: it stays. */
async function discardUnlessFinal(results: Results, name: ResultName): Promise<'never ran' | 'failed' | null> {
  const result = await results.readable(name);
  if (result !== null && (result.failure === null || FAILURES[result.failure.class].final)) return null;
  await results.discard(name);
  return result?.failure?.class === 'not-run' ? 'never ran' : 'failed';
}
