import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { PlannedProfile } from '../core/aws/deployment.ts';
import { type DeployedArns, listing, logGroup, TRACING, usingKeys, WRITE_WITH_KEY } from '../core/aws/grants.ts';
import { type EnvironmentName, FUNCTIONS, type FunctionName, forEachFunction, titleOf } from '../lambdas/functions.ts';
import type { Config } from './config.ts';
import type { Jobs } from './jobs.ts';
import { serviceRole } from './roles.ts';

const BUNDLES = join(import.meta.dirname, '../dist/lambdas');

export interface FunctionsProps {
  readonly config: Config;
  readonly bucket: s3.IBucket;
  readonly profiles: Readonly<Record<string, PlannedProfile>>;
  /** The contents of the profiles' job definitions. */
  readonly jobs: Jobs;
  /** ARNs of the job queues. */
  readonly queues: readonly string[];
  readonly arns: DeployedArns;
}

/** The Lambda functions, by version: after a deploy, a running sweep keeps those that it began with. */
export class Functions extends Construct {
  readonly functions: Readonly<Record<FunctionName, lambda.Function>>;
  readonly versions: Readonly<Record<FunctionName, lambda.Version>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.functions = forEachFunction((name) => this.#function(name, props));
    // PROFILES refers to the job definitions, and a reference stays the same when they change. Without this, sweeps after
    // a deploy of another image or size would keep using the version that refers to the old revisions.
    this.functions.plan.invalidateVersionBasedOn(props.jobs.content);
    this.versions = forEachFunction((name) => this.functions[name].currentVersion);
  }

  #function(name: FunctionName, props: FunctionsProps): lambda.Function {
    const { config, bucket } = props;
    const { memoryMiB, environment, grants } = FUNCTIONS[name];
    const title = titleOf(name);
    const stack = Stack.of(this);
    const group = new logs.LogGroup(this, `${title}Log`, {
      logGroupName: `/aws/lambda/${stack.stackName}-${name}`,
      retention: config.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = serviceRole(this, `${title}Role`, 'lambda.amazonaws.com', `The ${name} function of sweeps`, [
      logGroup(group.logGroupArn),
      TRACING,
      ...('STORE_URL' in environment.shape
        ? [listing(bucket.bucketArn), ...usingKeys(config.keys, WRITE_WITH_KEY)]
        : []),
      ...grants(props.arns),
    ]);
    return new lambda.Function(this, title, {
      functionName: `${stack.stackName}-${name}`,
      description: `The ${name} function of sweeps, whose store is ${bucketText(config)}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(join(BUNDLES, name)),
      handler: 'index.handler',
      role: role.withoutPolicyUpdates(),
      memorySize: memoryMiB,
      timeout: Duration.minutes(15),
      environment: pick(this.#variables(props), Object.keys(environment.shape)),
      tracing: lambda.Tracing.ACTIVE,
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup: group,
      // A version that a failed deploy leaves behind would be in the way of the next try: Lambda publishes nothing twice.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
    });
  }

  /** The functions' environment variables. */
  #variables({ bucket, profiles, queues }: FunctionsProps): Readonly<Record<EnvironmentName, string>> {
    const stack = Stack.of(this);
    return {
      STORE_URL: `s3://${bucket.bucketName}`,
      PROFILES: stack.toJsonString(profiles),
      QUEUES: stack.toJsonString(queues),
    };
  }
}

/**
 * A stack that is given its own bucket by name has another template, so CDK adds versions, though STORE_URL is the same; and
 * Lambda refuses a version of a function in which nothing has changed.
 */
const bucketText = ({ bucket }: Config): string =>
  bucket === undefined ? "the stack's own bucket" : `the bucket ${bucket}`;

const pick = (record: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => keys.includes(key)));
