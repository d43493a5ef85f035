import { setTimeout as sleep } from 'node:timers/promises';
import type { JobDetail } from '@aws-sdk/client-batch';
import type { Json } from '../../core/json.ts';
import { resultsPrefix, roundKey } from '../../core/keys.ts';
import type { ManifestTrial } from '../../core/manifest.ts';
import { type TrialResult, trialResultSchema } from '../../core/result.ts';
import { roundEpochs, roundRecordSchema } from '../../core/rounds.ts';
import type { ExecutionEnd, OnEvent } from '../../local/events.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { readJson, readSpec } from '../../storage/sweeps.ts';
import { describeExecution, type Execution, runs } from './executions.ts';
import { childrenOf, describeJobs, isOver, jobsOf, type ShardJob, statusCounts } from './jobs.ts';
import { trialsOfJob } from './shard-trials.ts';
import type { Stack } from './stack.ts';

export interface WatchOptions {
  readonly stack: Stack;
  readonly sweepId: string;
  /** ARN of the execution that is watched to its end. */
  readonly execution: string;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Milliseconds between two looks; one costs a handful of requests. */
  readonly every?: number;
}

const EVERY_MS = 5_000;

/**
 * Follows a sweep on AWS to the end of its execution: the same events as a local run's, made of what the execution, the
 * store and Batch's lists tell. Ends as `interrupted` when `signal` says so; the sweep goes on.
 */
export async function watchSweep(options: WatchOptions): Promise<ExecutionEnd> {
  const { stack, sweepId, execution, signal, onEvent, every = EVERY_MS } = options;
  onEvent({ type: 'execution-started', sweepId, execution, machine: `on AWS, stack ${stack.name} in ${stack.region}` });
  const view = new SweepView(stack, sweepId, onEvent);
  for (;;) {
    // The execution is asked first: what it left behind before its end is then there to be read.
    const now = await describeExecution(stack, execution);
    await view.look();
    if (now === null || !runs(now)) {
      const end = endOf(now);
      onEvent({ type: 'sweep-ended', sweepId, ...end });
      return end;
    }
    await sleep(every, undefined, { signal }).catch(() => {});
    if (signal.aborted) return { status: 'interrupted' };
  }
}

function endOf(execution: Execution | null): ExecutionEnd {
  if (execution === null)
    return { status: 'failed', error: 'ExecutionDoesNotExist', cause: 'Step Functions does not know the execution' };
  if (execution.status === 'SUCCEEDED')
    return { status: 'succeeded', output: JSON.parse(execution.output ?? 'null') as Json };
  const { status, error, cause } = execution;
  return { status: 'failed', error: error ?? status, cause: cause ?? `the execution ended as ${status}` };
}

/** What was seen of a sweep so far, so that each look tells only what is new. */
class SweepView {
  readonly #stack: Stack;
  readonly #sweepId: string;
  readonly #onEvent: OnEvent;
  #rounds = 0;
  #first = true;
  #waiting = '';
  readonly #results = new Set<string>();
  readonly #running = new Map<string, ManifestTrial>();
  /** Trials of the jobs seen, by job. */
  readonly #trials = new Map<string, readonly ManifestTrial[]>();
  readonly #parameters = new Map<string, Readonly<Record<string, Json>>>();

  constructor(stack: Stack, sweepId: string, onEvent: OnEvent) {
    this.#stack = stack;
    this.#sweepId = sweepId;
    this.#onEvent = onEvent;
  }

  async look(): Promise<void> {
    await this.#lookAtRounds();
    await this.#lookAtJobs();
    await this.#lookAtResults();
    this.#first = false;
  }

  async #lookAtRounds(): Promise<void> {
    for (;;) {
      const record = await readJson(this.#stack.objects, roundKey(this.#sweepId, this.#rounds), roundRecordSchema);
      if (record === null) return;
      this.#rounds += 1;
      const spec = await readSpec(this.#stack.objects, this.#sweepId);
      const { round, kind, size: trials } = record;
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

  async #lookAtJobs(): Promise<void> {
    const jobs = await jobsOf(this.#stack, this.#sweepId);
    const details = await describeJobs(
      this.#stack,
      jobs.map(({ id }) => id),
    );
    for (const detail of details) await this.#learnTrials(detail);
    const open = jobs.filter((job) => !isOver(job));
    for (const job of open) await this.#lookAtChildren(job);
    this.#tellWaiting(details.filter(({ status }) => status !== 'SUCCEEDED' && status !== 'FAILED'));
  }

  async #learnTrials(detail: JobDetail): Promise<void> {
    const { jobId } = detail;
    if (jobId === undefined || this.#trials.has(jobId)) return;
    const trials = await trialsOfJob(this.#stack, detail);
    this.#trials.set(jobId, trials);
    for (const { id, parameters } of trials) this.#parameters.set(id, parameters);
  }

  async #lookAtChildren(job: ShardJob): Promise<void> {
    const trials = this.#trials.get(job.id) ?? [];
    const isArray = trials.length > 1;
    const places = isArray
      ? (await childrenOf(this.#stack, job, 'RUNNING')).map(({ arrayProperties }) => arrayProperties?.index)
      : job.status === 'RUNNING'
        ? [0]
        : [];
    for (const place of places) {
      const trial = place === undefined ? undefined : trials[place];
      if (trial !== undefined) this.#start(trial);
    }
  }

  #start(trial: ManifestTrial): void {
    if (this.#running.has(trial.id) || this.#results.has(`${trial.id}.${trial.epochs}`)) return;
    this.#running.set(trial.id, trial);
    this.#onEvent({ type: 'trial-started', ...trial, slot: null, attempt: 1 });
  }

  /** Said when it changes: that trials wait is what a person asks about when nothing moves. */
  #tellWaiting(open: readonly JobDetail[]): void {
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
        ? `${waiting} trials wait for a machine${reason === undefined ? '; a GPU may take some minutes, and needs a quota (sweep start names it)' : `: ${reason}`}`
        : '';
    if (message !== '' && message !== this.#waiting) this.#onEvent({ type: 'notice', message });
    this.#waiting = message;
  }

  async #lookAtResults(): Promise<void> {
    const prefix = resultsPrefix(this.#sweepId);
    const fresh: string[] = [];
    for await (const { key } of this.#stack.objects.list(prefix)) {
      const name = key.slice(prefix.length, -'.json'.length);
      if (!this.#results.has(name)) fresh.push(name);
    }
    const results = await concurrently(fresh, 32, (name) => this.#readResult(`${prefix}${name}.json`));
    fresh.forEach((name, index) => {
      this.#results.add(name);
      const result = results[index];
      if (result) this.#end(result);
    });
  }

  /** One that cannot be read is the aggregate Lambda's to judge. */
  async #readResult(key: string): Promise<TrialResult | null> {
    return readJson(this.#stack.objects, key, trialResultSchema).catch(() => null);
  }

  #end(result: TrialResult): void {
    const { trial, trialId: id, epochs, status, value, epoch, failure, facts } = result;
    const parameters = this.#parameters.get(id) ?? {};
    // What nobody saw running still began: its parameters come with that event.
    if (!this.#running.has(id))
      this.#onEvent({ type: 'trial-started', trial, id, parameters, epochs, slot: null, attempt: facts.attemptNumber });
    this.#running.delete(id);
    const { seconds } = facts;
    this.#onEvent({ type: 'trial-ended', trial, id, status, value, epoch, failure, seconds, reused: this.#first });
  }
}
