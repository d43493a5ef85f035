import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as batch from 'aws-cdk-lib/aws-batch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type Grant, listing, logGroup, objects, usingKeys, WRITE, WRITE_WITH_KEY } from '../core/aws/grants.ts';
import { retryStrategy } from '../core/aws/retry.ts';
import { VCPUS_VARIABLE } from '../core/trial/cores.ts';
import type { Config, ProfileConfig } from './config.ts';
import { STACK_TAG } from './cost-tags.ts';
import { givenImage, type JobImage, trainerImage } from './image.ts';
import { addGrant, serviceRole } from './roles.ts';
import { CACHE_FOLDER } from './user-data.ts';

/** For jobs submitted by hand. A sweep sends its own limit and rules with each SubmitJob. */
const DEFAULT_TIMEOUT_SECONDS = 24 * 3600;
const DEFAULT_ATTEMPTS = 3;

export interface ProfileJob {
  readonly definition: batch.CfnJobDefinition;
  /** The name that all its revisions share. */
  readonly name: string;
  readonly logGroup: string;
}

export interface JobsProps {
  readonly config: Config;
  readonly bucket: s3.IBucket;
}

/** One job definition per profile: everything that a trial's container is given. */
export class Jobs extends Construct {
  readonly profiles: Readonly<Record<string, ProfileJob>>;
  /** What trials may do. */
  readonly jobRole: iam.Role;
  /** What the service that starts their containers may do: pull the image, write the log. */
  readonly executionRole: iam.Role;

  constructor(scope: Construct, id: string, { config, bucket }: JobsProps) {
    super(scope, id);
    this.jobRole = jobRole(this, config, bucket);
    this.executionRole = serviceRole(
      this,
      'ExecutionRole',
      'ecs-tasks.amazonaws.com',
      'Starts the containers of trials',
      [],
    );
    const images = imagesOf(this, config);
    this.profiles = Object.fromEntries(
      Object.entries(config.profiles).map(([name, profile]) => [
        name,
        this.#definition(name, profile, images(profile), config),
      ]),
    );
  }

  /** The log group of a profile's containers: its own, or the one for all. */
  #log(profileName: string, config: Config): logs.LogGroup {
    const id = config.logGroup === undefined ? `log-${profileName}` : 'Log';
    const found = this.node.tryFindChild(id);
    if (found !== undefined) return found as logs.LogGroup;
    const group = new logs.LogGroup(this, id, {
      logGroupName: config.logGroup ?? `/aws/batch/${Stack.of(this).stackName}-${profileName}`,
      retention: config.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    addGrant(this.executionRole, logGroup(group.logGroupArn));
    return group;
  }

  /** The job definitions as text; a change of it means new revisions. */
  get content(): string {
    return JSON.stringify(
      Object.values(this.profiles).map(({ definition }) => Stack.of(this).resolve(definition._toCloudFormation())),
    );
  }

  #definition(profileName: string, profile: ProfileConfig, image: JobImage, config: Config): ProfileJob {
    const { stackName, region } = Stack.of(this);
    const name = `${stackName}-${profileName}`;
    const group = this.#log(profileName, config);
    image.grantPull(this.executionRole);
    const { Attempts: attempts, EvaluateOnExit: rules } = retryStrategy(DEFAULT_ATTEMPTS);
    const definition = new batch.CfnJobDefinition(this, `profile-${profileName}`, {
      jobDefinitionName: name,
      type: 'container',
      platformCapabilities: ['EC2'],
      propagateTags: true,
      tags: { [STACK_TAG]: stackName },
      timeout: { attemptDurationSeconds: DEFAULT_TIMEOUT_SECONDS },
      retryStrategy: {
        attempts,
        evaluateOnExit: rules.map(({ Action, OnExitCode, OnReason, OnStatusReason }) => ({
          action: Action,
          ...(OnExitCode === undefined ? {} : { onExitCode: OnExitCode }),
          ...(OnReason === undefined ? {} : { onReason: OnReason }),
          ...(OnStatusReason === undefined ? {} : { onStatusReason: OnStatusReason }),
        })),
      },
      // A running sweep keeps using the revision that it was planned with.
      resourceRetentionPolicy: { skipDeregisterOnUpdate: true },
      containerProperties: {
        image: image.uri,
        jobRoleArn: this.jobRole.roleArn,
        executionRoleArn: this.executionRole.roleArn,
        resourceRequirements: [
          { type: 'VCPU', value: String(profile.vcpus) },
          { type: 'MEMORY', value: String(profile.memoryMiB) },
          ...(profile.gpus === 0 ? [] : [{ type: 'GPU', value: String(profile.gpus) }]),
        ],
        environment: [
          // The ECS agent on EC2 does not provide it.
          { name: 'AWS_REGION', value: region },
          // The runner fails a trial that finds fewer, so that none trains on a CPU by accident.
          { name: 'SWEEP_GPUS', value: String(profile.gpus) },
          // vCPUs are shares: the container sees every core of its host and would start a thread for each.
          { name: VCPUS_VARIABLE, value: String(profile.vcpus) },
          { name: 'SWEEP_CACHE', value: CACHE_FOLDER },
        ],
        linuxParameters: { initProcessEnabled: true, sharedMemorySize: profile.sharedMemoryMiB },
        volumes: [{ name: 'cache', host: { sourcePath: CACHE_FOLDER } }],
        mountPoints: [{ sourceVolume: 'cache', containerPath: CACHE_FOLDER, readOnly: false }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': group.logGroupName, 'awslogs-region': region, 'awslogs-stream-prefix': 'trial' },
        },
      },
    });
    return { definition, name, logGroup: group.logGroupName };
  }
}

/** Each image once, however many profiles use it. */
function imagesOf(scope: Construct, config: Config): (profile: ProfileConfig) => JobImage {
  const known = new Map<string, JobImage>();
  return ({ image = config.image }) => {
    const key = image ?? '';
    const found = known.get(key) ?? (image === undefined ? trainerImage(scope) : givenImage(image));
    known.set(key, found);
    return found;
  };
}

/** The runner reads manifests, sources, data and checkpoints, and writes results: in the store, and nowhere else. */
function jobRole(scope: Construct, config: Config, bucket: s3.IBucket): iam.Role {
  const { partition, region, account } = Stack.of(scope);
  const others = config.dataBuckets.map((name) => `arn:${partition}:s3:::${name}`);
  const grants: Grant[] = [
    listing(bucket.bucketArn),
    objects(bucket.bucketArn, ['s3:GetObject'], ['sweeps/*', 'checkpoints/*', 'sources/*', 'data/*']),
    objects(bucket.bucketArn, [...WRITE, 's3:DeleteObject'], ['sweeps/*', 'checkpoints/*']),
    ...others.map(listing),
    ...others.map((arn) => ({
      actions: ['s3:GetObject'],
      resources: [`${arn}/*`],
      why: 'Trials read data from the buckets listed in dataBuckets.',
    })),
  ];
  grants.push(...usingKeys(config.keys, WRITE_WITH_KEY));
  if (config.secrets.length > 0) {
    grants.push({
      actions: ['secretsmanager:GetSecretValue'],
      // Secrets Manager adds a dash and six characters to the name.
      resources: config.secrets.map(
        (name) => `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}-??????`,
      ),
    });
  }
  return serviceRole(scope, 'JobRole', 'ecs-tasks.amazonaws.com', 'Trials of sweeps', grants);
}
