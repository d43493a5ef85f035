import type { DataRecord } from '../../core/data.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** A kind of machine that trials may run on, as the deployment offers it. */
export interface Profile {
  /** Name or ARN of the Batch job queue. */
  readonly queue: string;
  readonly jobDefinition: string;
  /** GPUs that its job definition promises. */
  readonly gpus: number;
  /** Digest of its container image, when it is not the product's own. */
  readonly image: string | null;
}

/** What the handlers need of the world: on AWS made from the environment, on one machine by the local run. */
export interface Services {
  readonly store: ObjectStore;
  /** The profile of that name; null when the deployment has none. */
  profile(name: string): Profile | null;
  readonly profileNames: readonly string[];
  /** The identity of `training.data`, taken now. */
  identifyData(uri: string): Promise<Omit<DataRecord, 'champion'>>;
  /** Whether an execution that holds a lock still runs. */
  isRunning(execution: string): Promise<boolean>;
  /** The time now, as ISO 8601. */
  now(): string;
}
