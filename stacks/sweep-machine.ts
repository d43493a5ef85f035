import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { anyResource, TRACING } from '../core/aws/grants.ts';
import { functionSubstitutions } from '../lambdas/functions.ts';
import type { Compute } from './compute.ts';
import type { Config } from './config.ts';
import type { Functions } from './functions.ts';
import type { Jobs } from './jobs.ts';
import { serviceRole } from './roles.ts';

const DEFINITION = join(import.meta.dirname, '../statemachines/sweep.asl.json');

/** A sweep may wait weeks for capacity; beyond this it has been forgotten. */
const TIMEOUT_SECONDS = 60 * 24 * 3600;

export interface SweepMachineProps {
  readonly name: string;
  readonly config: Config;
  readonly functions: Functions;
  readonly compute: Compute;
  readonly jobs: Jobs;
}

/**
 * The file's text with a time-out, which the construct adds only to definitions it generates, and with the partition,
 * which cfn-lint cannot check if CloudFormation fills it in.
 */
function definition({ partition }: Stack): string {
  const text = readFileSync(DEFINITION, 'utf8').replaceAll(/\$\{Partition\}/g, partition);
  const file = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify({ ...file, TimeoutSeconds: TIMEOUT_SECONDS });
}

/** The state machine of statemachines/sweep.asl.json, the same file that runs on one machine. */
export class SweepMachine extends Construct {
  readonly machine: sfn.StateMachine;

  constructor(scope: Construct, id: string, props: SweepMachineProps) {
    super(scope, id);
    const { name, config, functions } = props;
    this.machine = new sfn.StateMachine(this, 'Machine', {
      stateMachineName: name,
      stateMachineType: sfn.StateMachineType.STANDARD,
      // As a string, so that synth notices a placeholder that nothing fills.
      definitionBody: sfn.DefinitionBody.fromString(definition(Stack.of(this))),
      definitionSubstitutions: functionSubstitutions((name) => functions.versions[name].functionArn),
      role: this.#role(props).withoutPolicyUpdates(),
      tracingEnabled: true,
      logs: {
        level: sfn.LogLevel.ALL,
        // The input holds a team's spec.
        includeExecutionData: false,
        destination: new logs.LogGroup(this, 'Log', {
          // With this prefix the log's resource policy does not grow with every state machine in the account.
          logGroupName: `/aws/vendedlogs/states/${name}`,
          retention: config.logDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
  }

  /** CDK derives no grants from a definition in a file, so this lists every action that a state takes. */
  #role({ compute, jobs, functions }: SweepMachineProps) {
    const { partition, region, account } = Stack.of(this);
    const definitions = Object.values(jobs.profiles).map(
      ({ name }) => `arn:${partition}:batch:${region}:${account}:job-definition/${name}`,
    );
    return serviceRole(this, 'Role', 'states.amazonaws.com', 'The state machine of sweeps', [
      {
        actions: ['lambda:InvokeFunction'],
        resources: Object.values(functions.functions).map(({ functionArn }) => `${functionArn}:*`),
        why: 'All versions of the functions: a running or redriven sweep keeps using the versions that it began with.',
      },
      {
        actions: ['batch:SubmitJob'],
        resources: [...compute.queueArns, ...definitions, ...definitions.map((arn) => `${arn}:*`)],
        why: 'All revisions of the job definition: a sweep keeps using the revision that it was planned with.',
      },
      {
        // The service authorization reference of late 2026 lists the job itself among what SubmitJob needs.
        actions: ['batch:SubmitJob', 'batch:TagResource'],
        resources: [`arn:${partition}:batch:${region}:${account}:job/*`],
        why: 'Batch chooses the id of a job when it is submitted; the tag limits this to jobs of this state machine.',
      },
      anyResource(
        ['batch:DescribeJobs', 'batch:TerminateJob'],
        'For .sync: Batch has no resource-level permissions for reading jobs.',
      ),
      {
        actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
        resources: [`arn:${partition}:events:${region}:${account}:rule/StepFunctionsGetEventsForBatchJobsRule`],
      },
      TRACING,
      anyResource(
        ['xray:GetSamplingRules', 'xray:GetSamplingTargets'],
        'X-Ray has no resource-level permissions for sampling.',
      ),
      anyResource(
        [
          'logs:CreateLogDelivery',
          'logs:GetLogDelivery',
          'logs:UpdateLogDelivery',
          'logs:DeleteLogDelivery',
          'logs:ListLogDeliveries',
          'logs:PutResourcePolicy',
          'logs:DescribeResourcePolicies',
          'logs:DescribeLogGroups',
        ],
        'The calls that set up log delivery to CloudWatch have no resource-level permissions.',
      ),
    ]);
  }
}
