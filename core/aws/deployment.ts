import * as z from 'zod';
import type { Priority } from '../spec/spec.ts';
import { spotSchema } from './purchase.ts';

/** A kind of machine that trials may run on, as far as planning a round needs it. */
export const plannedProfileSchema = z.strictObject({
  /** Name or ARN of the Batch job queue. */
  queue: z.string().min(1),
  /** The queue over the same machines whose jobs go first; stacks of earlier versions have none. */
  highPriorityQueue: z.string().min(1).optional(),
  /** ARN of the Batch job definition, its revision included. */
  jobDefinition: z.string().min(1),
  /** GPUs that its job definition promises a trial. */
  gpus: z.int().min(0),
  /** Trials that its machines train at once at the most; stacks of earlier versions do not tell. */
  parallel: z.int().min(1).optional(),
  /** What names the profile's container image where one was chosen; null for the product's own. */
  image: z.string().min(1).nullable(),
  /** What its machines cost follows from these three; stacks of earlier versions do not tell the first two. */
  spot: spotSchema.optional(),
  instanceTypes: z.array(z.string().min(1)).min(1).optional(),
  dollarsPerHour: z.number().positive().optional(),
});

/**
 * `deployment` in a sweep's spec.json: the profile as its first round found it, with the queue of the sweep's priority. A deploy that comes later neither moves
 * a running sweep to another job definition nor gives the rest of its trials another image.
 */
export const recordedProfileSchema = plannedProfileSchema
  .omit({ highPriorityQueue: true, parallel: true, spot: true, instanceTypes: true })
  .extend({ profile: z.string() });
export type RecordedProfile = z.output<typeof recordedProfileSchema>;

/** A profile as a person who starts sweeps needs it. */
export const deployedProfileSchema = plannedProfileSchema.extend({
  /** vCPUs and MiB of memory of one trial. */
  vcpus: z.int().min(1),
  memoryMiB: z.int().min(1),
  /** vCPUs that each of its compute environments grows to. */
  maxVcpus: z.int().min(1),
  spot: spotSchema,
  /** Instance types or families, such as g5 or g4dn.xlarge. */
  instanceTypes: z.array(z.string().min(1)).min(1),
  /** Dollars an hour of one of its instances, where its owner says so. */
  dollarsPerHour: z.number().positive().optional(),
  /** The CloudWatch log group of its containers. */
  logGroup: z.string().min(1),
});

/** What a stack tells the `sweep` command: the JSON of its SSM parameter. */
export const deploymentSchema = z.object({
  /** Version of the product that was deployed. */
  version: z.string(),
  /** ARN of the state machine. */
  stateMachine: z.string().startsWith('arn:'),
  /** The store: s3://bucket. */
  store: z.string().startsWith('s3://'),
  /** Further buckets whose data trials may read. */
  dataBuckets: z.array(z.string()),
  /** Names of the secrets that trials may read. */
  secrets: z.array(z.string()),
  profiles: z.record(z.string(), deployedProfileSchema),
});

export type PlannedProfile = z.output<typeof plannedProfileSchema>;
export type DeployedProfile = z.output<typeof deployedProfileSchema>;
export type Deployment = z.output<typeof deploymentSchema>;

type Queues = Pick<PlannedProfile, 'queue' | 'highPriorityQueue'>;

/** The queue for sweeps of a priority; where there is but one, it is for all. */
export function queueFor({ queue, highPriorityQueue }: Queues, priority: Priority): string {
  return priority === 'high' ? (highPriorityQueue ?? queue) : queue;
}

/** Every queue of these profiles, once. */
export function queuesOf(profiles: Readonly<Record<string, Queues>>): string[] {
  const all = Object.values(profiles).flatMap(({ queue, highPriorityQueue = queue }) => [queue, highPriorityQueue]);
  return [...new Set(all)];
}

/** The region that an ARN names; null for what is no ARN, as on a machine of one's own. */
export const regionOfArn = (arn: string): string | null => /^arn:[^:]+:[^:]+:([^:]+):/.exec(arn)?.[1] ?? null;

/** The stack that commands use when none is named. */
export const DEFAULT_STACK = 'Sweepstack';

/** Name of the SSM parameter in which a stack tells where everything is. */
export const deploymentParameter = (stack: string): string => `/sweepstack/${stack}`;
