import type { PlannedProfile } from '../../core/aws/deployment.ts';
import type { FailedJob } from '../../core/aws/diagnosis.ts';
import type { DataIdentity } from '../../core/layout/data.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { LockServices } from '../../objects/lock.ts';

/** What the handlers need from outside: created from the environment on AWS, or by a local run. */
export interface Services extends LockServices {
  /** The profile of that name; null if the deployment has none. */
  profile(name: string): PlannedProfile | null;
  readonly profileNames: readonly string[];
  /** The current identity of `training.data`. */
  identifyData(uri: string): Promise<DataIdentity>;
  /** Called with a sentence that says what was damaged and written again. */
  note?(sentence: string): void;
}

/** What the plan handler also needs for an asynchronous search. */
export interface WaveServices {
  /** How many children a wave may have: jobs that run at once. */
  parallel(spec: Spec): number;
  /** Ends jobs, whole arrays included, whose trials are given to others. Skips jobs that have ended or are forgotten. */
  endJobs(jobs: readonly string[]): Promise<void>;
}

/** What the aggregate handler also needs. */
export interface JobServices {
  /**
   * The round's failed jobs with their failed children, newest first, from all executions of the sweep that are still
   * known. Called only if results are missing.
   */
  failedJobs(queue: string, sweepId: string, round: number): AsyncIterable<FailedJob>;
}
