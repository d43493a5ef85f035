import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { type Deployment, deploymentParameter, type PlannedProfile } from '../core/aws/deployment.ts';
import type { DeployedArns } from '../core/aws/grants.ts';
import { Alerts } from './alerts.ts';
import { Compute } from './compute.ts';
import { type Config, pricedProfile, pricesFit } from './config.ts';
import { Dashboard } from './dashboard.ts';
import { Functions } from './functions.ts';
import { Jobs } from './jobs.ts';
import { Network } from './network.ts';
import { People } from './people.ts';
import { Release } from './release.ts';
import type { ScheduledSweep } from './scheduled-sweeps.ts';
import { Schedules } from './schedules.ts';
import { Storage } from './storage.ts';
import { SweepMachine } from './sweep-machine.ts';

const VERSION = (JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string })
  .version;

export interface SweepstackProps extends Pick<StackProps, 'env'> {
  readonly config: Config;
  /** The configuration's schedules, with specs checked and inputs laid out. */
  readonly scheduledSweeps: readonly ScheduledSweep[];
}

/** Everything of one deployment. */
export class SweepstackStack extends Stack {
  constructor(scope: Construct, id: string, { config, scheduledSweeps, ...props }: SweepstackProps) {
    super(scope, id, { description: 'Sweepstack: hyperparameter sweeps on AWS Batch', ...props });
    const network = new Network(this, 'Network', config);
    const { bucket } = new Storage(this, 'Storage', config);
    const compute = new Compute(this, 'Compute', { config, network });
    const jobs = new Jobs(this, 'Jobs', { config, bucket });
    const profiles = Object.fromEntries(
      Object.entries(config.profiles).map(([name, profile]): [string, PlannedProfile] => [
        name,
        {
          queue: compute.queues[name]!.normal.attrJobQueueArn,
          highPriorityQueue: compute.queues[name]!.high.attrJobQueueArn,
          jobDefinition: jobs.profiles[name]!.definition.ref,
          gpus: profile.gpus,
          parallel: Math.max(1, Math.floor(config.maxVcpus / profile.vcpus)),
          image: profile.image ?? null,
          ...(pricesFit(config) ? pricedProfile(config, profile) : {}),
        },
      ]),
    );
    const name = `${this.stackName}-sweep`;
    const queues = compute.queueArns;
    const arns = this.#arns(config, bucket.bucketArn, name);
    const functions = new Functions(this, 'Functions', { config, bucket, profiles, jobs, queues, arns });
    const { machine } = new SweepMachine(this, 'Sweep', { name, config, functions, compute, jobs });
    new People(this, 'People', {
      ...{ bucket, arns, stateMachine: machine.stateMachineArn },
      logGroups: Object.values(jobs.profiles).map(({ logGroup }) => logGroup),
    });
    new Release(this, 'Release', { machine, release: functions.functions.release });
    const schedules =
      scheduledSweeps.length === 0
        ? null
        : new Schedules(this, 'Schedules', { config, scheduledSweeps, machine, bucket });
    const { winners } = new Alerts(this, 'Alerts', {
      config,
      machine,
      functions: functions.functions,
      compute,
      failedStarts: schedules?.failedStarts ?? null,
    });
    if (config.dashboard) new Dashboard(this, 'Board', { machine, functions: functions.functions });
    new CfnOutput(this, 'Winners', { value: winners.topicArn });
    this.#addOutputs({
      version: VERSION,
      stateMachine: machine.stateMachineArn,
      store: `s3://${bucket.bucketName}`,
      dataBuckets: config.dataBuckets,
      secrets: config.secrets,
      profiles: Object.fromEntries(
        Object.entries(config.profiles).map(([name, profile]) => [
          name,
          {
            ...profiles[name]!,
            ...pricedProfile(config, profile),
            vcpus: profile.vcpus,
            memoryMiB: profile.memoryMiB,
            maxVcpus: config.maxVcpus,
            logGroup: jobs.profiles[name]!.logGroup,
          },
        ]),
      ),
    });
  }

  #arns(config: Config, store: string, stateMachineName: string): DeployedArns {
    const { partition, region, account } = this;
    return {
      store,
      dataBuckets: config.dataBuckets.map((name) => `arn:${partition}:s3:::${name}`),
      keys: config.keys,
      // By name, because the state machine's ARN depends on the functions.
      executions: `arn:${partition}:states:${region}:${account}:execution:${stateMachineName}:*`,
      jobs: `arn:${partition}:batch:${region}:${account}:job/*`,
    };
  }

  /** Publishes where everything is: in a parameter for the `sweep` command, in the outputs for people. */
  #addOutputs(deployment: Deployment): void {
    new ssm.StringParameter(this, 'Deployment', {
      parameterName: deploymentParameter(this.stackName),
      description: 'Where the sweep command finds this deployment',
      stringValue: this.toJsonString(deployment),
      // 4 KB hold about five profiles with their images, fewer with long names; more text needs the billed tier ($0.05 a
      // month). A parameter cannot go back to the free tier, so no tier is named.
      tier: ssm.ParameterTier.INTELLIGENT_TIERING,
    });
    new CfnOutput(this, 'StateMachine', { value: deployment.stateMachine });
    new CfnOutput(this, 'Store', { value: deployment.store });
  }
}
