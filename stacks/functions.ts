import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { PlannedProfile } from '../core/aws/deployment.ts';
import type { Config } from './config.ts';
import type { Jobs } from './jobs.ts';
import { anyResource, type Grant, listing, logGroup, objects, serviceRole, TRACING, WRITE } from './roles.ts';

const BUNDLES = join(import.meta.dirname, '../dist/lambdas');

export const FUNCTIONS = ['plan', 'aggregate', 'select', 'promote'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** One whole vCPU, which is what a Lambda gets at this size: planning and ranking a million trials needs it. */
const WHOLE_CPU_MIB = 1769;
const MEMORY_MIB: Readonly<Record<FunctionName, number>> = {
  plan: WHOLE_CPU_MIB,
  aggregate: 1024,
  select: WHOLE_CPU_MIB,
  promote: 512,
};

export interface FunctionsOptions {
  readonly config: Config;
  readonly bucket: s3.IBucket;
  readonly profiles: Readonly<Record<string, PlannedProfile>>;
  /** What the profiles' job definitions say. */
  readonly jobs: Jobs;
  readonly stateMachineName: string;
}

/** The Lambda functions, by version: a deploy leaves a running sweep the ones that it began with. */
export class Functions extends Construct {
  readonly functions: Readonly<Record<FunctionName, lambda.Function>>;
  readonly versions: Readonly<Record<FunctionName, lambda.Version>>;

  constructor(scope: Construct, id: string, options: FunctionsOptions) {
    super(scope, id);
    const make = (name: FunctionName) => this.#function(name, options);
    this.functions = {
      plan: make('plan'),
      aggregate: make('aggregate'),
      select: make('select'),
      promote: make('promote'),
    };
    const { plan, aggregate, select, promote } = this.functions;
    // PROFILES refers to the job definitions, and a reference reads the same whatever they say: without this, a deploy of
    // another image or size would leave sweeps the version that names the old revisions.
    plan.invalidateVersionBasedOn(options.jobs.content);
    this.versions = {
      plan: plan.currentVersion,
      aggregate: aggregate.currentVersion,
      select: select.currentVersion,
      promote: promote.currentVersion,
    };
  }

  #function(name: FunctionName, options: FunctionsOptions): lambda.Function {
    const { config, bucket, profiles } = options;
    const title = `${name[0]!.toUpperCase()}${name.slice(1)}`;
    const stack = Stack.of(this);
    const group = new logs.LogGroup(this, `${title}Log`, {
      logGroupName: `/aws/lambda/${stack.stackName}-${name}`,
      retention: config.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = serviceRole(this, `${title}Role`, 'lambda.amazonaws.com', `The ${name} function of sweeps`, [
      logGroup(group.logGroupArn),
      TRACING,
      listing(bucket.bucketArn),
      ...this.#grants(name, options),
    ]);
    return new lambda.Function(this, title, {
      functionName: `${stack.stackName}-${name}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(join(BUNDLES, name)),
      handler: 'index.handler',
      role: role.withoutPolicyUpdates(),
      memorySize: MEMORY_MIB[name],
      timeout: Duration.minutes(15),
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        STORE_URL: `s3://${bucket.bucketName}`,
        ...(name === 'plan' ? { PROFILES: stack.toJsonString(profiles) } : {}),
      },
      tracing: lambda.Tracing.ACTIVE,
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup: group,
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
  }

  /** What each needs beyond its log and the bucket's listing. */
  #grants(name: FunctionName, { config, bucket, stateMachineName }: FunctionsOptions): Grant[] {
    const { partition, region, account } = Stack.of(this);
    switch (name) {
      case 'plan':
        return [
          objects(bucket, ['s3:GetObject'], ['sweeps/*', 'models/*', 'data/*']),
          objects(bucket, [...WRITE, 's3:DeleteObject'], ['sweeps/*']),
          // Data in other buckets is known by its listing.
          ...config.dataBuckets.map((other) => listing(`arn:${partition}:s3:::${other}`)),
          {
            actions: ['states:DescribeExecution'],
            // By name: the state machine's own ARN would need this function first.
            resources: [`arn:${partition}:states:${region}:${account}:execution:${stateMachineName}:*`],
            why: 'Whether the execution that holds a lock still runs: any execution of the one state machine.',
          },
        ];
      case 'aggregate':
        return [
          objects(bucket, ['s3:GetObject'], ['sweeps/*']),
          objects(bucket, WRITE, ['sweeps/*/rounds/*']),
          anyResource(
            ['batch:ListJobs', 'batch:DescribeJobs'],
            'Why children that left nothing ended; Batch knows no resources for reading jobs.',
          ),
        ];
      case 'select':
        return [
          objects(bucket, ['s3:GetObject'], ['sweeps/*']),
          objects(bucket, [...WRITE, 's3:DeleteObject'], ['sweeps/*']),
        ];
      case 'promote':
        return [
          objects(bucket, ['s3:GetObject'], ['sweeps/*', 'models/*']),
          objects(bucket, WRITE, ['models/*']),
          // It lets the sweep go.
          objects(bucket, ['s3:DeleteObject'], ['sweeps/*/lock.json']),
        ];
    }
  }
}
