import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

const PERIOD = { period: Duration.minutes(15) };

export interface DashboardProps {
  readonly machine: sfn.StateMachine;
  readonly functions: Readonly<Record<string, lambda.Function>>;
}

/** One page with four graphs: sweeps and how they end, how long they take, and the functions' errors and times. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { machine, functions }: DashboardProps) {
    super(scope, id);
    const board = new cloudwatch.Dashboard(this, 'Dashboard', { dashboardName: `${Stack.of(this).stackName}-sweeps` });
    const all = Object.values(functions);
    const graph = (title: string, left: cloudwatch.IMetric[]) => new cloudwatch.GraphWidget({ title, left, width: 12 });
    board.addWidgets(
      graph('Sweeps started and ended', [
        machine.metricStarted(PERIOD),
        machine.metricSucceeded(PERIOD),
        machine.metricFailed(PERIOD),
        machine.metricAborted(PERIOD),
        machine.metricTimedOut(PERIOD),
      ]),
      graph('How long a sweep takes', [machine.metricTime({ ...PERIOD, statistic: 'Maximum' })]),
      graph(
        'Function errors',
        all.map((fn) => fn.metricErrors(PERIOD)),
      ),
      graph(
        'Longest call per function',
        all.map((fn) => fn.metricDuration({ ...PERIOD, statistic: 'Maximum' })),
      ),
    );
  }
}
