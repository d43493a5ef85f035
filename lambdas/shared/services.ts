import type { DataRecord } from '../../core/data.ts';
import type { PlannedProfile } from '../../core/deployment.ts';
import type { FailedJob } from '../../core/diagnosis.ts';
import type { Lock } from '../../core/lock.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** How locks are taken over by hand. */
export interface TakeOver {
  /** Whether the lock may be taken although its owner counts as running. */
  allows(lock: Lock): Promise<boolean>;
  /** What a person can do about a lock that is held, as the end of a sentence. */
  remedy(lock: Lock): Promise<string>;
  /** Told whose lock this run has taken over, whoever allowed it. */
  took(lock: Lock): void;
}

/** What the handlers need of the world: on AWS made from the environment, on one machine by the local run. */
export interface Services {
  readonly store: ObjectStore;
  /** The profile of that name; null when the deployment has none. */
  profile(name: string): PlannedProfile | null;
  readonly profileNames: readonly string[];
  /** The identity of `training.data`, taken now. */
  identifyData(uri: string): Promise<Omit<DataRecord, 'champion'>>;
  /** Whether the execution that holds a lock still runs; true when nobody can tell. */
  isRunning(lock: Lock): Promise<boolean>;
  /** What only a local run has: a person who decides about locks whose owner cannot be asked. */
  readonly takeOver?: TakeOver;
  /** The time now, as ISO 8601. */
  now(): string;
}

/** What the aggregate handler asks besides. */
export interface JobServices {
  /**
   * The round's jobs that failed, with their failed children, newest first; of all executions of the sweep that are
   * still known. Asked only when results are missing.
   */
  failedJobs(queue: string, sweepId: string, round: number): AsyncIterable<FailedJob>;
}
