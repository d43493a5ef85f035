import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { deploymentParameter } from '../core/aws/deployment.ts';
import {
  anyResource,
  type DeployedArns,
  describesExecutions,
  type Grant,
  listing,
  objects,
  READ_WITH_KEY,
  terminatesJobsOf,
  usingKeys,
  WRITE,
  WRITE_WITH_KEY,
} from '../core/aws/grants.ts';
import { addGrant } from './roles.ts';

export interface PeopleProps {
  readonly bucket: s3.IBucket;
  /** ARN of the state machine. */
  readonly stateMachine: string;
  readonly arns: DeployedArns;
  /** Names of the log groups of trials. */
  readonly logGroups: readonly string[];
}

/**
 * Managed policies with what the `sweep` command needs: one for people who look at sweeps, one for people who also start,
 * stop and remove them. Their names are fixed because IAM Identity Center's permission sets refer to policies by name.
 */
export class People extends Construct {
  constructor(scope: Construct, id: string, props: PeopleProps) {
    super(scope, id);
    const looks = looking(Stack.of(this), props);
    const { keys } = props.arns;
    this.#policy('look', 'Look at sweeps: status, results, logs and models', [
      ...looks,
      ...usingKeys(keys, READ_WITH_KEY),
    ]);
    this.#policy('start', 'Start, follow, stop and remove sweeps', [
      ...looks,
      ...starting(props),
      ...usingKeys(keys, WRITE_WITH_KEY),
    ]);
  }

  #policy(name: string, description: string, grants: readonly Grant[]): void {
    const { stackName, region } = Stack.of(this);
    // Policies are global to the account, so the name includes the region: two deployments may share a stack name.
    const managedPolicyName = `${stackName}-${region}-${name}`;
    const policy = new iam.ManagedPolicy(this, name, { managedPolicyName, description });
    for (const grant of grants) addGrant(policy, grant);
    new CfnOutput(this, `${name}-policy`, { value: policy.managedPolicyArn });
  }
}

function looking({ partition, region, account, stackName }: Stack, props: PeopleProps): Grant[] {
  const { bucket, stateMachine, arns, logGroups } = props;
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  return [
    { actions: ['ssm:GetParameter'], resources: [arn('ssm', `parameter${deploymentParameter(stackName)}`)] },
    { actions: ['states:ListExecutions'], resources: [stateMachine] },
    describesExecutions(arns.executions),
    anyResource(['batch:ListJobs', 'batch:DescribeJobs'], 'Batch has no resource-level permissions for reading jobs.'),
    listing(bucket.bucketArn),
    objects(
      bucket.bucketArn,
      ['s3:GetObject'],
      ['sweeps/*', 'checkpoints/*', 'models/*', 'sources/*', 'data/*', 'prices/*'],
    ),
    {
      actions: ['logs:GetLogEvents'],
      resources: [...new Set(logGroups)].map((group) => arn('logs', `log-group:${group}:log-stream:*`)),
      why: "Batch chooses the name of a trial's log stream when the trial starts.",
    },
    {
      actions: ['iam:GetRole'],
      resources: [`arn:${partition}:iam::${account}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot`],
    },
    anyResource(
      EXAMINES,
      'doctor and prices call these: they have no resource-level permissions, or an image may be in any registry.',
    ),
  ];
}

/** What `sweep doctor` and `sweep prices --refresh` also read; see cli/remote/account.ts and prices.ts. */
const EXAMINES = [
  'batch:DescribeComputeEnvironments',
  'batch:DescribeJobDefinitions',
  'batch:DescribeJobQueues',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSpotPriceHistory',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcEndpoints',
  'ecr:DescribeImages',
  'lambda:GetAccountSettings',
  'pricing:GetProducts',
  'servicequotas:GetAWSDefaultServiceQuota',
  'servicequotas:GetServiceQuota',
];

function starting({ bucket, stateMachine, arns }: PeopleProps): Grant[] {
  return [
    { actions: ['states:StartExecution'], resources: [stateMachine] },
    {
      actions: ['states:StopExecution'],
      resources: [arns.executions],
      why: "Any execution of this deployment's state machine.",
    },
    terminatesJobsOf(arns),
    objects(bucket.bucketArn, WRITE, ['sources/*', 'data/*', 'prices/*']),
    // For pause, set and skip.
    objects(bucket.bucketArn, WRITE, ['sweeps/*/control.json']),
    // The only champions they may delete belong to tried trials, whose names end in a digest.
    objects(bucket.bucketArn, ['s3:DeleteObject'], ['sweeps/*', 'checkpoints/*', 'models/try-????????????/*']),
  ];
}
