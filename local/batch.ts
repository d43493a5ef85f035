import { randomUUID } from 'node:crypto';
import type { FailedJob } from '../core/aws/diagnosis.ts';
import { checkSubmission } from './batch-limits.ts';
import { asError } from './errors.ts';
import { type Attempt, type EndedJob, Job, type LocalAttemptEnd } from './job.ts';
import type { Slot } from './slots.ts';
import { type After, after } from './timer.ts';

/** One attempt of one child of a job, with everything that Batch would tell its container. */
export interface Child {
  readonly environment: Readonly<Record<string, string>>;
  readonly slot: Slot;
  readonly job: string;
  /** Place in the array; null for a plain job. */
  readonly index: number | null;
  /** From 1. */
  readonly attempt: number;
  /** Aborted when the attempt must end: timed out, terminated or interrupted. */
  readonly signal: AbortSignal;
}

/** Trains one trial in this process. Batch sees only its exit status. */
export type RunChild = (child: Child) => Promise<{ readonly exitCode: number }>;

export interface BatchOptions {
  readonly slots: readonly Slot[];
  readonly runChild: RunChild;
  /** Called with a child whose attempt failed before it could say which trial it is. */
  readonly onLost?: (child: Child, reason: string) => void;
  readonly after?: After;
}

/** How long a timed-out child may take to end, for the runner's grace, kill and last uploads, before it is abandoned. */
const ABANDON_MS = 300_000;

/**
 * AWS Batch on this machine. Jobs are lists of children. One pool of slots runs them, job by job in the order of
 * submission. A child is created when a slot is free for it. A failed child does not stop others.
 */
export class LocalBatch {
  readonly #options: BatchOptions;
  readonly #after: After;
  readonly #free: Slot[];
  readonly #failed: Job[] = [];
  #most = Number.POSITIVE_INFINITY;
  readonly #jobs = new Map<Job, { readonly done: () => void; readonly controllers: Set<AbortController> }>();

  constructor(options: BatchOptions) {
    this.#options = options;
    this.#after = options.after ?? after;
    this.#free = [...options.slots];
  }

  /**
   * `batch:submitJob.sync`: resolves when every child has succeeded.
   * @throws ServiceError Batch.ClientException when Batch would not take the job; States.TaskFailed, with the job's
   *   detail as JSON, when it failed or was terminated by `signal` and every child has ended
   */
  async submitJob(parameters: unknown, signal: AbortSignal): Promise<EndedJob> {
    const job = new Job(randomUUID(), checkSubmission(parameters));
    const controllers = new Set<AbortController>();
    const terminate = () => {
      job.terminate('Job terminated: the execution ended');
      for (const controller of controllers) controller.abort(signal.reason);
      if (job.isDone) this.#jobs.get(job)?.done();
    };
    await new Promise<void>((done) => {
      this.#jobs.set(job, { done, controllers });
      signal.addEventListener('abort', terminate, { once: true });
      if (signal.aborted) terminate();
      else this.#fill();
    });
    signal.removeEventListener('abort', terminate);
    this.#jobs.delete(job);
    if (job.failures.length > 0) this.#failed.unshift(job);
    return job.settle();
  }

  /** Limits how many children run at once, from now on; undefined: one per slot. */
  allow(most: number | undefined): void {
    this.#most = most ?? Number.POSITIVE_INFINITY;
    this.#fill();
  }

  /** The most children that run at once. */
  get slots(): number {
    return this.#options.slots.length;
  }

  /** The failed jobs whose names begin like this, newest first. */
  failedJobs(namePrefix: string): FailedJob[] {
    return this.#failed
      .filter(({ submission }) => submission.name.startsWith(namePrefix))
      .map(({ submission, failures }) => ({
        manifest: submission.environment['SWEEP_MANIFEST'] ?? '',
        ends: failures,
      }));
  }

  /** Gives every free slot the next child of the first job that has one. */
  #fill(): void {
    for (const job of this.#jobs.keys()) {
      while (job.hasAttempt && this.#options.slots.length - this.#free.length < this.#most) {
        const slot = this.#free.shift();
        if (slot === undefined) return;
        void this.#run(job, slot);
      }
    }
  }

  /** Never rejects. */
  async #run(job: Job, slot: Slot): Promise<void> {
    const attempt = job.take();
    const controller = new AbortController();
    const entry = this.#jobs.get(job);
    entry?.controllers.add(controller);
    const end = await this.#attempt(job, attempt, slot, controller);
    entry?.controllers.delete(controller);
    job.record(attempt, end);
    this.#release(slot);
    if (job.isDone) entry?.done();
    this.#fill();
  }

  /** Uses the lowest free slot first, so that lines on a terminal stay where they are. */
  #release(slot: Slot): void {
    const place = this.#free.findIndex(({ id }) => id > slot.id);
    this.#free.splice(place === -1 ? this.#free.length : place, 0, slot);
  }

  /** Never rejects. */
  async #attempt(job: Job, attempt: Attempt, slot: Slot, controller: AbortController): Promise<LocalAttemptEnd> {
    const child = childOf(job, attempt, slot, controller.signal);
    const limit = this.#limit(job.submission.attemptSeconds, controller);
    let end: LocalAttemptEnd;
    try {
      const exitCode = await Promise.race([this.#exitCode(child), limit.abandoned]);
      end = { statusReason: 'Essential container in task exited', exitCode };
    } catch (error) {
      const reason = asError(error).message;
      end = { statusReason: 'Task failed to start', reason };
      if (job.terminated === null && !limit.timedOut()) this.#options.onLost?.(child, reason);
    } finally {
      limit.cancel();
    }
    if (end.exitCode === 0) return end;
    if (limit.timedOut()) return { ...end, statusReason: 'Job attempt duration exceeded timeout', final: true };
    return job.terminated === null ? end : { ...end, statusReason: job.terminated, final: true };
  }

  async #exitCode(child: Child): Promise<number> {
    return (await this.#options.runChild(child)).exitCode;
  }

  /** The timer of one attempt. Batch's limit is longer than the runner's own, so it only fires if the runner's did not. */
  #limit(seconds: number | null, controller: AbortController) {
    let timedOut = false;
    let cancel = () => {};
    const abandoned = new Promise<never>((_, reject) => {
      if (seconds === null) return;
      cancel = this.#after(seconds * 1000, () => {
        timedOut = true;
        controller.abort(new Error(`the attempt took longer than ${seconds} s`));
        cancel = this.#after(ABANDON_MS, () => reject(new Error('it did not end when told to')));
      });
    });
    return { abandoned, timedOut: () => timedOut, cancel: () => cancel() };
  }
}

function childOf(job: Job, next: Attempt, slot: Slot, signal: AbortSignal): Child {
  const { index, number: attempt } = next;
  return {
    environment: {
      ...job.submission.environment,
      AWS_BATCH_JOB_ID: index === null ? job.id : `${job.id}:${index}`,
      AWS_BATCH_JOB_ATTEMPT: String(attempt),
      ...(index === null ? {} : { AWS_BATCH_JOB_ARRAY_INDEX: String(index) }),
    },
    slot,
    job: job.id,
    index,
    attempt,
    signal,
  };
}
