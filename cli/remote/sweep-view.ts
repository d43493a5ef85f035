import type { JobDetail } from '@aws-sdk/client-batch';
import { isJobOf } from '../../core/aws/executions.ts';
import { CorruptObject } from '../../core/base/errors.ts';
import { attemptsOfResult } from '../../core/money/attempts.ts';
import { roundEpochs } from '../../core/search/rounds.ts';
import { lanesOf } from '../../core/spec/packing.ts';
import { expectedUnits } from '../../core/spec/rungs.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { OnEvent } from '../../core/sweep/events.ts';
import { runningOf } from '../../core/trial/lanes.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { parseMetrics } from '../../core/trial/metrics.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { endedAt, type ResultName } from '../../objects/results.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { childrenOf, describeJobs, isOver, jobsOf, type ShardJob, statusCounts } from './jobs.ts';
import { trialsOfJob } from './shard-trials.ts';
import type { Stack } from './stack.ts';
import { isWave, trainedIn } from './wave-children.ts';

/** Running trials whose checkpoints are looked at: as many as a terminal shows. */
const MAX_CHECKPOINTS = 16;

const textOf = ({ trialId, epochs }: ResultName): string => `${trialId}.${epochs}`;

/** What was seen of a sweep so far, so that each look tells only what is new. */
export class SweepView {
  readonly #stack: Stack;
  readonly #sweepId: string;
  /** What it is judged by; null: nothing is. */
  readonly #spec: Spec | null;
  readonly #onEvent: OnEvent;
  #rounds = 0;
  #confirmsFrom = Number.POSITIVE_INFINITY;
  /** When the execution that owns the sweep began: what ended before was reused. */
  #began = 0;
  #waiting = '';
  #counted = false;
  /** Children that ran at the last look. */
  #children: { readonly trials: readonly ManifestTrial[]; readonly startedAt: number | null }[] = [];
  /** Trials that ran at the last look. */
  readonly #alive = new Set<string>();
  /** By `textOf`. */
  readonly #results = new Set<string>();
  readonly #running = new Map<string, ManifestTrial & { lastEpoch: number; lastCheckpoint: number }>();
  /** Trials of the children of the jobs seen, by job. */
  readonly #trials = new Map<string, readonly (readonly ManifestTrial[])[]>();
  readonly #known = new Map<string, Pick<ManifestTrial, 'parameters' | 'confirms' | 'seed'>>();
  /** Jobs that are waves of an asynchronous search. */
  readonly #waves = new Set<string>();

  constructor(stack: Stack, sweepId: string, spec: Spec | null, onEvent: OnEvent) {
    this.#stack = stack;
    this.#sweepId = sweepId;
    this.#spec = spec;
    this.#onEvent = onEvent;
  }

  async look(): Promise<void> {
    const lock = await sweepObjects(this.#stack.objects, this.#sweepId).lock.read();
    if (lock !== null) this.#began = Date.parse(lock.since);
    await this.#lookAtRounds();
    await this.#lookAtJobs(lock?.execution ?? null);
    await this.#lookAtResults();
    for (const { trials, startedAt } of this.#children) this.#startNext(trials, startedAt);
    this.#emitInterrupted();
    await this.#lookAtCheckpoints();
  }

  async #lookAtRounds(): Promise<void> {
    const { rounds } = sweepObjects(this.#stack.objects, this.#sweepId);
    for (;;) {
      const record = await rounds.record(this.#rounds);
      if (record === null) return;
      this.#rounds += 1;
      const spec = this.#spec;
      if (record.kind === 'confirm') this.#confirmsFrom = Math.min(this.#confirmsFrom, record.first);
      const { round, kind, size } = record;
      const trials = kind === 'asynchronous' && spec !== null ? expectedUnits(spec) : size;
      this.#onEvent({
        type: 'round-planned',
        round,
        kind,
        trials,
        reused: 0,
        epochs: spec === null ? 1 : roundEpochs(spec, record),
      });
    }
  }

  /** `owner`: the execution that has the sweep now. */
  async #lookAtJobs(owner: string | null): Promise<void> {
    const jobs = await jobsOf(this.#stack, this.#sweepId);
    const details = await describeJobs(
      this.#stack,
      jobs.map(({ id }) => id),
    );
    for (const detail of details) await this.#learnTrials(detail, owner);
    const open = jobs.filter((job) => !isOver(job));
    this.#alive.clear();
    this.#children = [];
    for (const job of open) await this.#lookAtChildren(job);
    this.#emitWaiting(details.filter(({ status }) => status !== 'SUCCEEDED' && status !== 'FAILED'));
  }

  async #learnTrials(detail: JobDetail, owner: string | null): Promise<void> {
    const { jobId } = detail;
    if (jobId === undefined || this.#trials.has(jobId)) return;
    if (isWave(this.#stack, detail)) this.#waves.add(jobId);
    const isOwn = owner !== null && isJobOf(owner, null, detail);
    const trials = await trialsOfJob(this.#stack, detail).catch((error: unknown) => {
      // Batch remembers jobs for a week, the store none of a sweep that was removed and begun anew.
      if (error instanceof CorruptObject && !isOwn) return [];
      throw error;
    });
    this.#trials.set(jobId, trials);
    for (const trial of trials.flat()) this.#known.set(trial.id, trial);
  }

  async #lookAtChildren(job: ShardJob): Promise<void> {
    if (this.#waves.has(job.id)) {
      for (const { trial, startedAt } of await trainedIn(this.#stack, this.#sweepId, job))
        this.#children.push({ trials: [trial], startedAt });
      return;
    }
    const children = this.#trials.get(job.id) ?? [];
    if (children.length === 1) {
      const { startedAt } = job;
      if (job.status === 'RUNNING') this.#children.push({ trials: children[0]!, startedAt });
      return;
    }
    for (const { arrayProperties, startedAt } of await childrenOf(this.#stack, job, 'RUNNING')) {
      const trials = children[arrayProperties?.index ?? -1];
      if (trials !== undefined) this.#children.push({ trials, startedAt: startedAt ?? null });
    }
  }

  #startNext(trials: readonly ManifestTrial[], childStartedAt: number | null): void {
    const left = trials.filter(({ id, epochs }) => !this.#results.has(textOf({ trialId: id, epochs })));
    const running = runningOf(left, this.#spec === null ? 1 : lanesOf(this.#spec.compute));
    if (running.length === 0) this.#alive.add(trials.at(-1)!.id);
    for (const trial of running) this.#start(trial, left.length === trials.length ? childStartedAt : null);
  }

  #start(trial: ManifestTrial, startedAt: number | null): void {
    this.#alive.add(trial.id);
    if (this.#running.has(trial.id) || this.#results.has(textOf({ trialId: trial.id, epochs: trial.epochs }))) return;
    this.#running.set(trial.id, { ...trial, lastEpoch: 0, lastCheckpoint: 0 });
    const since = startedAt === null ? {} : { since: startedAt };
    this.#onEvent({ type: 'trial-started', ...trial, slot: null, attempt: 1, ...since });
  }

  /** Said when it changes: that trials wait is what a person asks about when nothing moves. */
  #emitWaiting(open: readonly JobDetail[]): void {
    const counts: Record<string, number> = {};
    for (const detail of open) {
      for (const [status, count] of Object.entries(statusCounts(detail))) {
        counts[status] = (counts[status] ?? 0) + count;
      }
    }
    const waiting = (counts['RUNNABLE'] ?? 0) + (counts['PENDING'] ?? 0) + (counts['SUBMITTED'] ?? 0);
    const active = (counts['RUNNING'] ?? 0) + (counts['STARTING'] ?? 0);
    const reason = open.map(({ statusReason }) => statusReason).find((text) => text !== undefined && text !== '');
    const message =
      waiting > 0 && active === 0
        ? `${waiting} trials wait for a machine${reason === undefined ? '; a GPU can take some minutes, and needs a quota (sweep start names it)' : `: ${reason}`}`
        : '';
    if (message !== '' && message !== this.#waiting) this.#onEvent({ type: 'notice', message });
    this.#waiting = message;
    const { RUNNING: running = 0, STARTING: starting = 0 } = counts;
    if (open.length > 0 || this.#counted) this.#onEvent({ type: 'jobs-counted', running, starting, waiting });
    this.#counted = open.length > 0;
  }

  async #lookAtResults(): Promise<void> {
    const { objective } = this.#spec ?? {};
    if (objective === undefined) return;
    const stored = sweepObjects(this.#stack.objects, this.#sweepId).results;
    const fresh = (await Array.fromAsync(stored.list())).filter((name) => !this.#results.has(textOf(name)));
    const results = await concurrently(fresh, 32, (name) => stored.judged(name, objective));
    for (const name of fresh) this.#results.add(textOf(name));
    if (this.#spec?.search.asynchronous) await this.#learnPoints(fresh);
    const known = results.filter((result) => result !== null);
    for (const result of known.sort((a, b) => endedAt(a) - endedAt(b))) this.#end(result);
  }

  /** The parameters of an asynchronous search's trials are in no manifest. */
  async #learnPoints(fresh: readonly ResultName[]): Promise<void> {
    const { search } = sweepObjects(this.#stack.objects, this.#sweepId);
    const unknown = fresh.map(({ trialId }) => trialId).filter((id) => !this.#known.has(id));
    for (const [id, { parameters }] of await search.points([...new Set(unknown)])) this.#known.set(id, { parameters });
  }

  #end(result: TrialResult): void {
    const { trial, trialId: id, epochs, status, value, others, epoch, failure, facts } = result;
    const { parameters = {}, confirms: confirmed, seed } = this.#known.get(id) ?? {};
    const reused = endedAt(result) < this.#began;
    // What nobody saw running still began: its parameters come with that event.
    if (!this.#running.has(id)) {
      const since = reused ? null : Date.parse(facts.startedAt);
      const attempt = facts.attemptNumber;
      const what = { trial, id, parameters, epochs, confirms: confirmed, seed };
      this.#onEvent({ type: 'trial-started', ...what, slot: null, attempt, since });
    }
    this.#running.delete(id);
    const { seconds, instance } = facts;
    const confirms = trial >= this.#confirmsFrom;
    const paid = attemptsOfResult(result);
    const how = { status, value, others, epoch, failure, seconds, reused, confirms, instance, paid };
    this.#onEvent({ type: 'trial-ended', trial, id, ...how });
  }

  /** A trial that runs no more and left no result lost its machine: Batch starts it again, or gives it up. */
  #emitInterrupted(): void {
    for (const { trial, id } of [...this.#running.values()].filter(({ id }) => !this.#alive.has(id))) {
      this.#running.delete(id);
      this.#onEvent({ type: 'trial-interrupted', trial, id, attempt: 1 });
    }
  }

  /**
   * What a running trial reported, and what its GPUs did, comes with its checkpoints, if it writes any: nearer the store hears
   * nothing of it.
   */
  async #lookAtCheckpoints(): Promise<void> {
    const metric = this.#spec?.objective.metric;
    if (metric === undefined) return;
    const { checkpoints } = sweepObjects(this.#stack.objects, this.#sweepId);
    await concurrently([...this.#running.values()].slice(0, MAX_CHECKPOINTS), MAX_CHECKPOINTS, async (trial) => {
      const manifest = await checkpoints.latest(trial.id).catch(() => null);
      if (manifest === null || manifest === 'malformed') return;
      const { trial: number, id } = trial;
      if (manifest.number > trial.lastCheckpoint)
        for (const sample of manifest.gpus ?? []) this.#onEvent({ type: 'trial-gpu', trial: number, id, sample });
      trial.lastCheckpoint = manifest.number;
      const last = parseMetrics(manifest.metrics, metric).findLast(({ values }) => values[metric] !== undefined);
      if (last === undefined || last.epoch <= trial.lastEpoch) return;
      trial.lastEpoch = last.epoch;
      this.#onEvent({
        type: 'trial-metrics',
        trial: number,
        id,
        epoch: last.epoch,
        value: last.values[metric] ?? null,
      });
    });
  }
}
