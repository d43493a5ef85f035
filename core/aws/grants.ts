import { EXECUTION_TAG } from './executions.ts';

/** What a role may do; every grant is written out by hand. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
  /** Why a resource is named with a wildcard; a grant that has one must give the reason. */
  readonly why?: string;
}

/** ARNs of what the functions of a deployment may be granted. */
export interface DeployedArns {
  /** The bucket that holds the sweeps. */
  readonly store: string;
  /** Further buckets whose data trials may read. */
  readonly dataBuckets: readonly string[];
  /** KMS keys of the buckets and secrets. */
  readonly keys: readonly string[];
  /** Every execution of the state machine; ends in `*`. */
  readonly executions: string;
  /** Every Batch job of the account; ends in `*`. */
  readonly jobs: string;
}

/** Asking for executions of the state machine. */
export const describesExecutions = (executions: string): Grant => ({
  actions: ['states:DescribeExecution'],
  resources: [executions],
  why: 'Whether an execution still runs: any execution of the one state machine.',
});

/** Terminating jobs that an execution of the state machine has submitted. */
export const terminatesJobsOf = ({ executions, jobs }: Pick<DeployedArns, 'executions' | 'jobs'>): Grant => ({
  actions: ['batch:TerminateJob'],
  resources: [jobs],
  conditions: { StringLike: { [`aws:ResourceTag/${EXECUTION_TAG}`]: executions } },
  why: 'Batch names a job when it is submitted; the tag says that an execution of this state machine did.',
});

/**
 * Lists a bucket. Without it S3 answers 403, not 404, for a key that is not there, and with a condition on s3:prefix it
 * still does; the lock, resuming and the data's listing all ask for keys that may not be there.
 */
export const listing = (bucketArn: string): Grant => ({ actions: ['s3:ListBucket'], resources: [bucketArn] });

/**
 * Using the KMS keys of buckets and secrets, only through the services that keep those; no grant without keys. Writing an
 * object takes both actions where it is sent in parts.
 */
export function usingKeys(
  keys: readonly string[],
  actions: readonly ('kms:Decrypt' | 'kms:GenerateDataKey')[],
): Grant[] {
  if (keys.length === 0) return [];
  // `s3.eu-west-1.amazonaws.com`, with another ending in China.
  return [{ actions, resources: keys, conditions: { StringLike: { 'kms:ViaService': ['s3.*', 'secretsmanager.*'] } } }];
}

/** What reads and writes take of a key. */
export const READ_WITH_KEY = ['kms:Decrypt'] as const;
export const WRITE_WITH_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;

/** The actions that write an object, in one piece or in parts. */
export const WRITE = ['s3:PutObject', 's3:AbortMultipartUpload'] as const;

/** Actions on every object below the prefixes (each ending in `*` or naming one). */
export function objects(bucketArn: string, actions: readonly string[], prefixes: readonly string[]): Grant {
  return {
    actions,
    resources: prefixes.map((prefix) => `${bucketArn}/${prefix}`),
    why: 'A sweep names its objects as it goes; the prefix is the narrowest that all of them share.',
  };
}

/** Calls that know no resources: `service:Action` on everything is the only way to allow them. */
export const anyResource = (actions: readonly string[], why: string): Grant => ({ actions, resources: ['*'], why });

/** Writing one log group, whose streams are named as they come (its ARN ends in `:*`). */
export const logGroup = (arn: string): Grant => ({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resources: [arn],
  why: 'The streams of the one log group.',
});

export const TRACING = anyResource(
  ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  'X-Ray knows no resources for traces.',
);
