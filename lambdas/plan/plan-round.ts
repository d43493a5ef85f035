import { jobName } from '../../core/aws/job-names.ts';
import { MAX_ATTEMPTS, retryStrategy } from '../../core/aws/retry.ts';
import { batchAttemptSeconds, MAX_ATTEMPT_SECONDS } from '../../core/aws/time-limits.ts';
import { CorruptObject, SweepLocked } from '../../core/base/errors.ts';
import { type Partition, partitionsOf } from '../../core/search/partitions.ts';
import { type RoundRecord, roundEpochs } from '../../core/search/rounds.ts';
import { programsOfChild } from '../../core/spec/packing.ts';
import { checkFormat } from '../../core/sweep/resume.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { Services, WaveServices } from '../shared/services.ts';
import { type BegunSweep, beginSweep } from './begin-sweep.ts';
import { allOf, missingOf } from './missing-trials.ts';
import { planWave } from './plan-wave.ts';
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
  /** Number of waves that this execution has planned. */
  readonly wave: number;
  readonly reused: number;
}

/** The round's record in the execution's state: only keys and counts. */
export interface PlannedRound {
  readonly sweepId: string;
  readonly round: number;
  readonly wave: number;
  readonly kind: RoundRecord['kind'];
  readonly epochs: number;
  /** Trials that already had their final result when this execution reached them, up to this round. */
  readonly reused: number;
  readonly job: {
    readonly queue: string;
    readonly definition: string;
    readonly retryStrategy: ReturnType<typeof retryStrategy>;
    readonly attemptSeconds: number;
    readonly dataPath: string;
    readonly outputPath: string;
    /** ISO 8601, just before the submission. A redrive keeps the first time. */
    readonly submittedAt: string;
    /** Tags for AWS's cost reports. */
    readonly sweep: string;
    readonly name: string;
  };
  readonly shards: readonly Shard[];
  /** Trials without a result that are not begun, because the sweep is paused or its budget has ended; left out: none. */
  readonly withheld?: number;
  readonly partitions: readonly Partition[];
  /** In an asynchronous search: trainings expected in total, and those that have a result. */
  readonly units?: { readonly expected: number; readonly finished: number };
}

export type PlanServices = Services & WaveServices;

/** Plans a round, or what is left of one planned before; in an asynchronous search, a wave. Idempotent. */
export async function planRound(services: PlanServices, input: PlanInput): Promise<PlannedRound> {
  const { sweepId, spec, deployment, data } = await sweepOf(services, input);
  const sweep = { sweepId, spec, deployment, data };
  if (spec.search.asynchronous && input.round === 0) return planSearch(services, sweep, input);
  const rounds = await soundRounds(services.store, sweepId);
  const known = rounds[input.round];
  const { control, budget, results } = sweepObjects(services.store, sweepId);
  const present = await results.present();
  const { record, trials: planned } =
    known === undefined
      ? await proposeRound(services, sweep, input.round, rounds, present)
      : { record: known, trials: await soundTrials(services, sweep, known, rounds.slice(0, input.round)) };
  if (known !== undefined) await soundMedians(services, sweep, input.round, rounds.slice(0, input.round));
  // Also for a new round, which may have lost its record and already have results.
  const work =
    planned === null
      ? await allOf(services, spec, sweepId, record)
      : await missingOf(services, spec, sweepId, record, planned, present);
  const trials = work.reduce((sum, shard) => sum + trialsOfShard(shard), 0);
  const [{ paused }, spent] = await Promise.all([control.read(), budget.end(spec, services.now())]);
  const isHeldBack = (paused || spent !== null) && trials > 0;
  return {
    sweepId,
    round: input.round,
    wave: input.wave,
    kind: record.kind,
    epochs: roundEpochs(spec, record),
    // A continued trial was counted in the round where it was new.
    reused: input.reused + (record.kind === 'rung' ? 0 : record.size - trials),
    job: jobOf(
      services,
      sweep,
      retryStrategy(spec.compute.attempts),
      batchAttemptSeconds(spec.compute.timeoutMinutes, programsOfChild(spec.compute)),
    ),
    // Paused since the last round, or out of budget: start no container that would only exit.
    shards: isHeldBack ? shardsOf(services, sweepId, input.round, 0, [], 1) : work,
    ...(isHeldBack ? { withheld: trials } : {}),
    partitions: partitionsOf(sweepId, record),
  };
}

async function planSearch(services: PlanServices, sweep: BegunSweep, input: PlanInput): Promise<PlannedRound> {
  const { sweepId, spec } = sweep;
  const { record, wave, children, trainings, units, trialsDone } = await planWave(services, sweep, input);
  const { rounds, search } = sweepObjects(services.store, sweepId);
  await rounds.replan(record);
  return {
    sweepId,
    round: 0,
    wave: input.wave,
    kind: record.kind,
    epochs: roundEpochs(spec, record),
    reused: input.wave === 0 ? trialsDone : input.reused,
    // A child runs many trials, so only the runner limits the time of each.
    job: jobOf(services, sweep, retryStrategy(MAX_ATTEMPTS), MAX_ATTEMPT_SECONDS),
    shards: [
      {
        name: jobName(sweepId, wave.wave, 0),
        size: children,
        manifest: search.reference(wave),
        ...(trainings === children ? {} : { trials: trainings }),
      },
    ],
    partitions: partitionsOf(sweepId, record),
    units,
  };
}

async function sweepOf(services: Services, input: PlanInput): Promise<BegunSweep> {
  if (input.round === 0 && input.wave === 0) return beginSweep(services, input.spec, input.execution, input.name);
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

function jobOf(
  services: Services,
  { sweepId, spec, deployment, data }: BegunSweep,
  strategy: PlannedRound['job']['retryStrategy'],
  attemptSeconds: number,
): PlannedRound['job'] {
  return {
    queue: deployment.queue,
    definition: deployment.jobDefinition,
    retryStrategy: strategy,
    attemptSeconds,
    dataPath: data.uri ?? '',
    outputPath: services.store.url,
    submittedAt: services.now(),
    sweep: sweepId,
    name: spec.name,
  };
}
