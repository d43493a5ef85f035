import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { PAUSED_OUTPUT } from '../core/aws/executions.ts';
import { TRYING_EXECUTIONS } from '../core/spec/tried-first.ts';
import { type Compute, pascal } from './compute.ts';
import type { Config } from './config.ts';
import { deadExecutions, executionsEnding } from './release.ts';

export interface AlertsProps {
  readonly config: Config;
  readonly machine: sfn.StateMachine;
  readonly functions: Readonly<Record<string, lambda.Function>>;
  readonly compute: Compute;
  /** Dead-letter queue of starts that a schedule could not make; null without schedules. */
  readonly failedStarts: sqs.Queue | null;
}

/** Emails about failed sweeps, blocked queues, failing functions and missed starts; and about winners. */
export class Alerts extends Construct {
  readonly topic: sns.Topic;
  /** Notified of each sweep that ends with a winner. Separate, for programs that have no use for failures. */
  readonly winners: sns.Topic;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', { displayName: `${Stack.of(this).stackName} sweeps`, enforceSSL: true });
    // Adding a statement replaces the default policy, so every publisher is listed here.
    letPublish(this.topic, 'cloudwatch.amazonaws.com', {
      StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
    });
    // No condition: for years EventBridge's guide said that conditions in a topic's policy are not supported, mails were
    // silently dropped with one, and CDK's own target for topics (aws-events-targets, sns.ts) sets none.
    letPublish(this.topic, 'events.amazonaws.com');
    this.winners = new sns.Topic(this, 'Winners', {
      displayName: `${Stack.of(this).stackName} winners`,
      enforceSSL: true,
    });
    letPublish(this.winners, 'events.amazonaws.com');
    for (const [topic, addresses] of [
      [this.topic, props.config.notifications],
      [this.winners, props.config.winners],
    ] as const) {
      for (const address of addresses) topic.addSubscription(new subscriptions.EmailSubscription(address));
    }
    const { blocked } = this.#rules(props);
    const { alarms, notifications } = props.config;
    // An alarm with no subscriber still costs money.
    if (alarms ?? notifications.length > 0) this.#alarms(props, blocked);
  }

  #rules({ machine, compute }: AlertsProps): { readonly blocked: events.Rule } {
    this.#rule('ExecutionFailed', 'A sweep failed, timed out or was aborted', deadExecutions(machine));
    const { detail, ...pattern } = executionsEnding(machine, ['SUCCEEDED']);
    const ended = (more: Record<string, unknown[]>) => ({ ...pattern, detail: { ...detail, ...more } });
    // A trial run by `try` is no winner, and a paused sweep has none yet.
    const winning = ended({
      name: [{ 'anything-but': { wildcard: TRYING_EXECUTIONS } }],
      output: [{ 'anything-but': { wildcard: PAUSED_OUTPUT } }],
    });
    this.#rule('ExecutionPaused', 'A sweep was paused', ended({ output: [{ wildcard: PAUSED_OUTPUT }] }));
    this.#rule('ExecutionSucceeded', 'A sweep ended with a winner', winning, this.winners);
    const blocked = this.#rule('QueueBlocked', 'The first job in a queue cannot start', {
      source: ['aws.batch'],
      detailType: ['Batch Job Queue Blocked'],
      resources: compute.queueArns,
    });
    return { blocked };
  }

  #rule(id: string, description: string, eventPattern: events.EventPattern, topic = this.topic): events.Rule {
    // CDK's target would repeat the same statement in the topic's policy for every rule.
    const rule = new events.Rule(this, id, { description, eventPattern });
    rule.addTarget({ bind: () => ({ arn: topic.topicArn }) });
    return rule;
  }

  #alarms({ functions, machine, failedStarts }: AlertsProps, blocked: events.Rule): void {
    for (const [name, fn] of Object.entries(functions)) {
      this.#alarm(`${pascal(name)}Errors`, fn.metricErrors({ period: Duration.minutes(5) }), {
        description: `The ${name} function failed. A mistake in a spec also counts; the execution's cause says which.`,
        threshold: 1,
      });
    }
    this.#alarm('Throttled', machine.metricThrottled({ period: Duration.minutes(5) }), {
      description: 'Step Functions is throttling the state machine.',
      threshold: 1,
    });
    // Batch has no metric for waiting jobs, so count the events of its queues.
    const waiting = new cloudwatch.Metric({
      namespace: 'AWS/Events',
      metricName: 'MatchedEvents',
      dimensionsMap: { RuleName: blocked.ruleName },
      statistic: 'Sum',
      period: Duration.hours(1),
    });
    this.#alarm('NoCapacity', waiting, {
      description:
        'Trials are waiting for instances: AWS has no capacity, or an EC2 quota is too low (0 in many new accounts).',
      threshold: 1,
    });
    if (failedStarts !== null) {
      this.#alarm(
        'MissedStarts',
        failedStarts.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
        {
          description: 'A schedule could not start its sweep. The failed call is in the dead-letter queue.',
          threshold: 1,
        },
      );
    }
  }

  #alarm(
    id: string,
    metric: cloudwatch.IMetric,
    { description, threshold }: { description: string; threshold: number },
  ) {
    const alarm = new cloudwatch.Alarm(this, id, {
      metric,
      threshold,
      evaluationPeriods: 1,
      alarmDescription: description,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new actions.SnsAction(this.topic));
  }
}

function letPublish(topic: sns.Topic, service: string, conditions?: iam.Conditions): void {
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(service)],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      ...(conditions === undefined ? {} : { conditions }),
    }),
  );
}
