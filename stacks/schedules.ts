import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Config } from './config.ts';
import { serviceRole } from './roles.ts';
import type { ScheduledSweep } from './scheduled-sweeps.ts';
import { Uploads } from './uploads.ts';

/** How long AWS retries a failed start before it goes to the dead-letter queue. */
const RETRY_SECONDS = 3600;
const RETRIES = 5;

export interface SchedulesProps {
  readonly config: Config;
  /** One or more. */
  readonly scheduledSweeps: readonly ScheduledSweep[];
  readonly machine: sfn.StateMachine;
  readonly bucket: s3.IBucket;
}

/** Sweeps that start on a schedule. */
export class Schedules extends Construct {
  readonly failedStarts: sqs.Queue;

  constructor(scope: Construct, id: string, { config, scheduledSweeps, machine, bucket }: SchedulesProps) {
    super(scope, id);
    this.failedStarts = new sqs.Queue(this, 'FailedStarts', {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.failedStarts).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This is the dead-letter queue of the schedules.',
    });
    const role = serviceRole(this, 'Role', 'scheduler.amazonaws.com', 'Starts the sweeps of schedules', [
      { actions: ['states:StartExecution'], resources: [machine.stateMachineArn] },
      { actions: ['sqs:SendMessage'], resources: [this.failedStarts.queueArn] },
    ]);
    const inputs = scheduledSweeps.flatMap(({ schedule: { name }, folder, bytes }) =>
      bytes > 0 ? [{ name, folder, bytes }] : [],
    );
    const uploads = inputs.length === 0 ? null : new Uploads(this, 'Uploads', { config, inputs, bucket });
    for (const sweep of scheduledSweeps) {
      const schedule = this.#schedule(sweep, machine, role.roleArn);
      schedule.node.addDependency(role, ...(uploads?.neededBy(sweep.schedule.name) ?? []));
    }
  }

  #schedule({ schedule, spec }: ScheduledSweep, machine: sfn.StateMachine, roleArn: string): scheduler.CfnSchedule {
    const stack = Stack.of(this);
    return new scheduler.CfnSchedule(this, `schedule-${schedule.name}`, {
      name: `${stack.stackName}-${schedule.name}`,
      description: `Sweep of ${schedule.spec}`,
      scheduleExpression: schedule.expression,
      scheduleExpressionTimezone: schedule.timezone,
      flexibleTimeWindow: { mode: 'OFF' },
      state: schedule.enabled ? 'ENABLED' : 'DISABLED',
      target: {
        // The templated target cannot name the execution. With Scheduler's invocation id as its name, a retry finds the
        // execution it already started: the same name and input start nothing twice.
        arn: `arn:${stack.partition}:scheduler:::aws-sdk:sfn:startExecution`,
        roleArn,
        input: stack.toJsonString({
          StateMachineArn: machine.stateMachineArn,
          Name: `${schedule.name}-<aws.scheduler.execution-id>`,
          Input: JSON.stringify(spec),
        }),
        retryPolicy: { maximumEventAgeInSeconds: RETRY_SECONDS, maximumRetryAttempts: RETRIES },
        deadLetterConfig: { arn: this.failedStarts.queueArn },
      },
    });
  }
}
