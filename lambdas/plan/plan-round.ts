import type { RecordedProfile } from '../../core/aws/deployment.ts';
import { retryStrategy } from '../../core/aws/retry.ts';
import { batchAttemptSeconds } from '../../core/aws/time-limits.ts';
import { CorruptObject, SweepLocked } from '../../core/base/errors.ts';
import type { DataRecord } from '../../core/layout/data.ts';
import { type Partition, partitionsOf } from '../../core/search/partitions.ts';
import { type RoundRecord, roundEpochs } from '../../core/search/rounds.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { checkFormat } from '../../core/sweep/resume.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { Services } from '../shared/services.ts';
import { type BegunSweep, beginSweep } from './begin-sweep.ts';
import { missingOf } from './missing-trials.ts';
import { proposeRound } from './propose-round.ts';
import { type Shard, shardsOf, trialsOfShard } from './shards.ts';
import { soundMedians, soundTrials } from './sound-manifest.ts';
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
  const trials = work.reduce((sum, shard) => sum + trialsOfShard(shard), 0);
  const { paused } = await sweepObjects(services.store, sweepId).control.read();
  return {
    sweepId,
    round: input.round,
    kind: record.kind,
    epochs: roundEpochs(spec, record),
    // A trial that goes on was counted in the round that it was new in.
    reused: input.reused + (record.kind === 'rung' ? 0 : record.size - trials),
    job: jobOf(services, spec, deployment, data),
    // Paused since the last round: no container is started only to leave.
    shards: paused ? shardsOf(services, sweepId, input.round, 0, [], 1) : work,
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
    attemptSeconds: batchAttemptSeconds(spec.compute.timeoutMinutes, spec.compute.trialsPerJob),
    dataPath: data.uri ?? '',
    outputPath: services.store.url,
  };
}
