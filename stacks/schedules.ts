import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as deployment from 'aws-cdk-lib/aws-s3-deployment';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { BadInput, type Problem, show } from '../core/errors.ts';
import { pascal } from './compute.ts';
import type { Config, ScheduleConfig } from './config.ts';
import { serviceRole } from './roles.ts';

const ROOT = join(import.meta.dirname, '..');

/** A start that a service of AWS could not make is made again for so long; then it waits in the dead-letter queue. */
const RETRY_SECONDS = 3600;
const RETRIES = 5;

/** A spec as its schedule starts it, and the folder of objects that it needs in the store. */
interface Packed {
  readonly spec: { readonly sweepId?: string; readonly compute: { readonly profile: string } };
  readonly objects: number;
  readonly folder: string;
}

/** Sweeps that start by the clock. */
export class Schedules extends Construct {
  readonly failedStarts: sqs.Queue;

  constructor(scope: Construct, id: string, config: Config, machine: sfn.StateMachine, bucket: s3.IBucket) {
    super(scope, id);
    this.failedStarts = new sqs.Queue(this, 'FailedStarts', {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.failedStarts).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself the dead-letter queue of the schedules.',
    });
    const role = serviceRole(this, 'Role', 'scheduler.amazonaws.com', 'Starts the sweeps of schedules', [
      { actions: ['states:StartExecution'], resources: [machine.stateMachineArn] },
      { actions: ['sqs:SendMessage'], resources: [this.failedStarts.queueArn] },
    ]);
    for (const schedule of config.schedules) {
      const packed = pack(schedule, config);
      const target = {
        // The templated target cannot name the execution. Named after Scheduler's own id of the invocation, its retries
        // meet the execution they already started: the same name and input start nothing twice.
        arn: `arn:${Stack.of(this).partition}:scheduler:::aws-sdk:sfn:startExecution`,
        roleArn: role.roleArn,
        input: Stack.of(this).toJsonString({
          StateMachineArn: machine.stateMachineArn,
          Name: `${schedule.name}-<aws.scheduler.execution-id>`,
          Input: JSON.stringify(packed.spec),
        }),
        retryPolicy: { maximumEventAgeInSeconds: RETRY_SECONDS, maximumRetryAttempts: RETRIES },
        deadLetterConfig: { arn: this.failedStarts.queueArn },
      };
      const made = new scheduler.CfnSchedule(this, pascal(schedule.name), {
        name: `${Stack.of(this).stackName}-${schedule.name}`,
        description: `Sweep of ${schedule.spec}`,
        scheduleExpression: schedule.expression,
        scheduleExpressionTimezone: schedule.timezone,
        flexibleTimeWindow: { mode: 'OFF' },
        state: schedule.enabled ? 'ENABLED' : 'DISABLED',
        target,
      });
      made.node.addDependency(role);
      if (packed.objects > 0) made.node.addDependency(this.#upload(schedule, packed, bucket));
    }
  }

  /** Source and data go into the store with the deployment, under the keys that `sweep start` would give them. */
  #upload(schedule: ScheduleConfig, packed: Packed, bucket: s3.IBucket): deployment.BucketDeployment {
    return new deployment.BucketDeployment(this, `${pascal(schedule.name)}Objects`, {
      sources: [deployment.Source.asset(packed.folder)],
      destinationBucket: bucket,
      // The bucket holds every other sweep as well.
      prune: false,
      retainOnDelete: true,
      memoryLimit: 1024,
    });
  }
}

/**
 * Checks the spec and lays out its source and data, by the command's own `pack`.
 * @throws BadInput naming the schedule and what is wrong with its spec
 */
function pack(schedule: ScheduleConfig, config: Config): Packed {
  const field = `sweepstack.schedules.${schedule.name}.spec`;
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-schedule-'));
  const command = [join(ROOT, 'cli/main.ts'), 'pack', resolve(schedule.spec), '--to', folder, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status !== 0) {
    const { error } = (safeJson(stdout) ?? {}) as { error?: { problems?: Problem[]; message: string } };
    const problems = error?.problems ?? [{ field: '', message: error?.message ?? stderr }];
    throw new BadInput(
      problems.map((problem) => ({ field, message: `${schedule.spec}: ${problem.field}: ${problem.message}` })),
    );
  }
  const packed = { ...(JSON.parse(stdout) as Omit<Packed, 'folder'>), folder };
  checkScheduled(packed, config, field);
  return packed;
}

function checkScheduled({ spec }: Packed, config: Config, field: string): void {
  if (spec.sweepId !== undefined) {
    throw new BadInput([
      {
        field,
        message: `its spec has the sweepId ${show(spec.sweepId)}; allowed here: none, because every start would resume that one sweep; take it out, and each start is a sweep of its own`,
      },
    ]);
  }
  const { profile } = spec.compute;
  if (config.profiles[profile] === undefined) {
    throw new BadInput([
      {
        field,
        message: `its spec has compute.profile ${show(profile)}; allowed: ${Object.keys(config.profiles).join(', ')}`,
      },
    ]);
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
