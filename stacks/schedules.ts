import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { checkEvents } from '../core/aws/history-events.ts';
import { offerProblems } from '../core/aws/profiles.ts';
import { BadInput, PlanTooLarge, type Problem } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { resolveSpec } from '../core/spec/resolve.ts';
import { pascal } from './compute.ts';
import type { Config, ScheduleConfig } from './config.ts';
import { serviceRole } from './roles.ts';
import { type PackedInputs, Uploads } from './uploads.ts';

const ROOT = join(import.meta.dirname, '..');

/** A start that a service of AWS could not make is made again for so long; then it waits in the dead-letter queue. */
const RETRY_SECONDS = 3600;
const RETRIES = 5;

/** A spec as its schedule starts it, and the folder of objects that it needs in the store. */
interface Packed extends PackedInputs {
  readonly spec: unknown;
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
    const scratch = mkdtempSync(join(tmpdir(), 'sweepstack-schedules-'));
    try {
      const packed = config.schedules.map((schedule) => pack(schedule, config, join(scratch, schedule.name)));
      const inputs = packed.filter(({ bytes }) => bytes > 0);
      const uploads = inputs.length === 0 ? null : new Uploads(this, 'Uploads', config, inputs, bucket);
      config.schedules.forEach((schedule, index) => {
        const made = this.#schedule(schedule, packed[index]!.spec, machine, role.roleArn);
        made.node.addDependency(role, ...(uploads?.of(schedule.name) ?? []));
      });
    } finally {
      // What is uploaded was copied into the assembly by now, unless CDK was told to leave assets where they are.
      const copied = this.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT) === undefined;
      if (copied) rmSync(scratch, { recursive: true, force: true });
    }
  }

  #schedule(schedule: ScheduleConfig, spec: unknown, machine: sfn.StateMachine, roleArn: string) {
    const stack = Stack.of(this);
    return new scheduler.CfnSchedule(this, pascal(schedule.name), {
      name: `${stack.stackName}-${schedule.name}`,
      description: `Sweep of ${schedule.spec}`,
      scheduleExpression: schedule.expression,
      scheduleExpressionTimezone: schedule.timezone,
      flexibleTimeWindow: { mode: 'OFF' },
      state: schedule.enabled ? 'ENABLED' : 'DISABLED',
      target: {
        // The templated target cannot name the execution. Named after Scheduler's own id of the invocation, its retries
        // meet the execution they already started: the same name and input start nothing twice.
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

/**
 * Checks the spec and lays out its source and data, by the command's own `pack`.
 * @throws BadInput naming the schedule and what is wrong with its spec
 */
function pack(schedule: ScheduleConfig, config: Config, folder: string): Packed {
  const command = [join(ROOT, 'cli/main.ts'), 'pack', resolve(schedule.spec), '--to', folder, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status !== 0) {
    const { error } = (safeJson(stdout) ?? {}) as { error?: { problems?: Problem[]; message: string } };
    refuse(schedule, error?.problems ?? [{ field: '', message: error?.message ?? stderr }]);
  }
  const { spec } = JSON.parse(stdout) as { spec: unknown };
  const problems = problemsOf(spec, config);
  if (problems.length > 0) refuse(schedule, problems);
  return { name: schedule.name, spec, folder, bytes: bytesIn(folder) };
}

function refuse({ name, spec }: ScheduleConfig, problems: readonly Problem[]): never {
  throw new BadInput(
    problems.map(({ field, message }) => ({
      field: `sweepstack.schedules.${name}.spec`,
      message: `${spec}: ${field === '' ? '' : `${field}: `}${message}`,
    })),
  );
}

/** What `sweep start` would refuse, and an id, which every start would share. */
function problemsOf(spec: unknown, { profiles, secrets }: Config): Problem[] {
  const resolved = resolveSpec(spec);
  const problems = offerProblems(resolved, { profiles, secrets, stack: null });
  try {
    checkEvents(resolved);
  } catch (error) {
    if (!(error instanceof PlanTooLarge)) throw error;
    problems.push({ field: 'search', message: error.message });
  }
  if (resolved.sweepId !== undefined) {
    problems.push({
      field: 'sweepId',
      message: `received ${show(resolved.sweepId)}; allowed here: none, because every start would resume that one sweep; take it out, and each start is a sweep of its own`,
    });
  }
  return problems;
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
