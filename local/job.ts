import type { ChildEnd } from '../core/aws/diagnosis.ts';
import { type AttemptEnd, shouldRetry } from '../core/aws/retry.ts';
import type { Submission } from './batch-limits.ts';
import { ServiceError } from './errors.ts';

/** One attempt of one child. */
export interface Attempt {
  /** Place in the array; null for a plain job. */
  readonly index: number | null;
  /** From 1. */
  readonly number: number;
}

/** How an attempt ended; `final` if the retry rules do not apply (timed out, terminated). */
export interface LocalAttemptEnd extends AttemptEnd {
  readonly final?: boolean;
}

/** The parts of DescribeJobs' answer that are needed here, for a job that has ended. */
export interface EndedJob {
  readonly JobId: string;
  readonly JobName: string;
  readonly JobQueue: string;
  readonly JobDefinition: string;
  readonly Status: 'SUCCEEDED' | 'FAILED';
  readonly StatusReason?: string;
  readonly ArrayProperties?: {
    readonly Size: number;
    readonly StatusSummary: Readonly<Record<'SUCCEEDED' | 'FAILED', number>>;
  };
  /** Of a plain job. */
  readonly Container?: { readonly ExitCode?: number; readonly Reason?: string };
}

/**
 * Keeps track of one job: which child is next, which are retried, how the others ended. Attempts are created when they are
 * taken, so an array of 10,000 costs nothing before its children run.
 */
export class Job {
  readonly id: string;
  readonly submission: Submission;
  #next = 0;
  #again: Attempt[] = [];
  #running = 0;
  #succeeded = 0;
  #failed = 0;
  #lastEnd: LocalAttemptEnd = {};
  readonly #failures: ChildEnd[] = [];
  #terminated: string | null = null;

  constructor(id: string, submission: Submission) {
    this.id = id;
    this.submission = submission;
  }

  get children(): number {
    return this.submission.size ?? 1;
  }

  /** Whether an attempt is left to start. */
  get hasAttempt(): boolean {
    return this.#terminated === null && (this.#again.length > 0 || this.#next < this.children);
  }

  get isDone(): boolean {
    return this.#running === 0 && !this.hasAttempt;
  }

  /** The next attempt; an interrupted child goes first, because its checkpoint and its cache are warm. */
  take(): Attempt {
    this.#running++;
    const again = this.#again.shift();
    if (again !== undefined) return again;
    const index = this.#next++;
    return { index: this.submission.size === null ? null : index, number: 1 };
  }

  /** Records how an attempt ended. Returns whether the child is tried again. */
  record(attempt: Attempt, end: LocalAttemptEnd): boolean {
    this.#running--;
    const retry =
      end.exitCode !== 0 &&
      end.final !== true &&
      this.#terminated === null &&
      shouldRetry(this.submission.retry, attempt.number, end);
    if (retry) {
      this.#again.push({ index: attempt.index, number: attempt.number + 1 });
      return true;
    }
    this.#lastEnd = end;
    if (end.exitCode === 0) this.#succeeded++;
    else {
      this.#failed++;
      this.#failures.push({ ...end, index: attempt.index ?? 0, attempts: attempt.number });
    }
    return false;
  }

  /** How the children that failed ended. */
  get failures(): readonly ChildEnd[] {
    return this.#failures;
  }

  /** No further attempt starts. */
  terminate(reason: string): void {
    this.#terminated ??= reason;
  }

  get terminated(): string | null {
    return this.#terminated;
  }

  /** The answer of a finished job. @throws ServiceError States.TaskFailed, as submitJob.sync does for a failed job */
  settle(): EndedJob {
    const failed = this.#terminated !== null || this.#failed > 0;
    const detail = this.#detail(failed);
    if (failed) throw new ServiceError('States.TaskFailed', JSON.stringify(detail));
    return detail;
  }

  #detail(failed: boolean): EndedJob {
    const { name, queue, definition, size } = this.submission;
    const { statusReason, reason, exitCode } = this.#lastEnd;
    const isArray = size !== null;
    const why = this.#terminated ?? (isArray ? 'Array Child Job failed' : statusReason);
    // Children that never started because of a termination count as failed, as in Batch.
    const summary = { SUCCEEDED: this.#succeeded, FAILED: this.children - this.#succeeded };
    return {
      JobId: this.id,
      JobName: name,
      JobQueue: queue,
      JobDefinition: definition,
      Status: failed ? 'FAILED' : 'SUCCEEDED',
      ...(failed && why !== undefined ? { StatusReason: why } : {}),
      ...(isArray
        ? { ArrayProperties: { Size: size, StatusSummary: summary } }
        : {
            Container: {
              ...(exitCode === undefined ? {} : { ExitCode: exitCode }),
              ...(reason === undefined ? {} : { Reason: reason }),
            },
          }),
    };
  }
}
