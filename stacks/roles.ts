import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** What a role may do; every one of them is written out by hand. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
  /** Why a resource is named with a wildcard; a grant that has one must say it. */
  readonly why?: string;
}

/** A role of one service of AWS with the grants given, and no other. */
export function serviceRole(
  scope: Construct,
  id: string,
  service: string,
  description: string,
  grants: readonly Grant[],
): iam.Role {
  const role = new iam.Role(scope, id, {
    assumedBy: new iam.ServicePrincipal(service, sameAccount(scope, service)),
    description,
  });
  for (const grant of grants) addGrant(role, grant);
  return role;
}

/** @throws Error when a wildcard comes without its reason */
export function addGrant(role: iam.Role, { actions, resources, conditions, why }: Grant): void {
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: [...actions],
      resources: [...resources],
      ...(conditions === undefined ? {} : { conditions }),
    }),
  );
  for (const resource of resources) {
    const name = readable(Stack.of(role).resolve(resource));
    if (!name.includes('*')) continue;
    if (why === undefined) throw new Error(`${role.node.path}: ${actions.join(', ')} on ${name} says not why`);
    // cdk-nag names a finding by its resource, so each is acknowledged on its own.
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${name}]`, reason: why });
  }
}

/** A resolved value as cdk-nag writes it: `arn:<AWS::Partition>:s3:::<Bucket.Arn>/x`. */
function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  const [[name, argument] = []] = Object.entries(value);
  if (name === 'Ref') return `<${argument}>`;
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (name === 'Fn::Join')
    return ((argument as unknown[])[1] as unknown[]).map(readable).join((argument as string[])[0]);
  return JSON.stringify(value);
}

/**
 * Step Functions and Scheduler say for which account they assume a role, and may do so for this one only (the confused
 * deputy). Lambda, EC2 and ECS tasks are given their roles by calls that need iam:PassRole in this account.
 */
function sameAccount(scope: Construct, service: string): iam.ServicePrincipalOpts {
  if (!['states.amazonaws.com', 'scheduler.amazonaws.com'].includes(service)) return {};
  return { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } } };
}

/**
 * Lists a bucket. Without it S3 answers 403, not 404, for a key that is not there, and with a condition on s3:prefix it
 * still does; the lock, resuming and the data's listing all ask for keys that may not be there.
 */
export const listing = (bucketArn: string): Grant => ({ actions: ['s3:ListBucket'], resources: [bucketArn] });

/** The actions that write an object, in one piece or in parts. */
export const WRITE = ['s3:PutObject', 's3:AbortMultipartUpload'] as const;

/** Actions on every object below the prefixes (each ending in `*` or naming one). */
export function objects(bucket: s3.IBucket, actions: readonly string[], prefixes: readonly string[]): Grant {
  return {
    actions,
    resources: prefixes.map((prefix) => bucket.arnForObjects(prefix)),
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
