import type { PlannedProfile } from '../../core/aws/deployment.ts';
import type { FailedJob } from '../../core/aws/diagnosis.ts';
import type { DataIdentity } from '../../core/layout/data.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { LockServices } from '../../objects/lock.ts';

/** What the handlers need of the world: on AWS made from the environment, on one machine by the local run. */
export interface Services extends LockServices {
  /** The profile of that name; null when the deployment has none. */
  profile(name: string): PlannedProfile | null;
  readonly profileNames: readonly string[];
  /** The identity of `training.data`, taken now. */
  identifyData(uri: string): Promise<DataIdentity>;
  /** Called with a sentence that says what was damaged and made again. */
  note?(sentence: string): void;
}

/** What the plan handler asks besides, of a search without rounds. */
export interface WaveServices {
  /** How many children a wave of such a sweep may have: jobs that run at once. */
  parallel(spec: Spec): number;
  /** Ends jobs, arrays whole, that began what is to be handed out anew; those that have ended, or are forgotten, are none. */
  endJobs(jobs: readonly string[]): Promise<void>;
}

/** What the aggregate handler asks besides. */
export interface JobServices {
  /**
   * The round's jobs that failed, with their failed children, newest first; of all executions of the sweep that are
   * still known. Asked only when results are missing.
   */
  failedJobs(queue: string, sweepId: string, round: number): AsyncIterable<FailedJob>;
}
