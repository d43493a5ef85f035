import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface ReleaseProps {
  readonly machine: sfn.StateMachine;
  /** Ends the jobs of an execution. */
  readonly release: lambda.Function;
}

/** Matches executions that ended with one of these statuses. */
export const executionsEnding = (machine: sfn.StateMachine, status: readonly string[]): events.EventPattern => ({
  source: ['aws.states'],
  detailType: ['Step Functions Execution Status Change'],
  detail: { stateMachineArn: [machine.stateMachineArn], status: [...status] },
});

/** Matches executions that ended without an outcome. */
export const deadExecutions = (machine: sfn.StateMachine): events.EventPattern =>
  executionsEnding(machine, ['FAILED', 'TIMED_OUT', 'ABORTED']);

/** Ends the jobs of dead sweeps, so nobody pays for them: Step Functions itself only makes a best effort. */
export class Release extends Construct {
  constructor(scope: Construct, id: string, { machine, release }: ReleaseProps) {
    super(scope, id);
    const rule = new events.Rule(this, 'ExecutionDied', {
      description: 'Ends the jobs of a sweep that failed, timed out or was aborted',
      eventPattern: deadExecutions(machine),
    });
    const event = events.RuleTargetInput.fromObject({
      execution: events.EventField.fromPath('$.detail.executionArn'),
      endedAt: events.EventField.fromPath('$.detail.stopDate'),
    });
    rule.addTarget(new LambdaFunction(release, { event }));
  }
}
