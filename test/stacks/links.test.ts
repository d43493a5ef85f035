import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deploymentParameter, deploymentSchema } from '../../core/aws/deployment.ts';
import { PAUSED_OUTPUT } from '../../core/aws/executions.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { FUNCTION_NAMES, FUNCTIONS } from '../../lambdas/functions.ts';
import { planEnvironmentSchema } from '../../lambdas/plan/environment.ts';
import { releaseEnvironmentSchema } from '../../lambdas/release/environment.ts';
import { loadDefinition } from '../../local/definition.ts';
import { ACCOUNT, defaults, REGION, type Resource, Synthesized } from './support.ts';

// What one part names and another one has: a renamed function, queue or job definition fails here.

const stack = defaults();
const file = readFileSync(join(import.meta.dirname, '../../statemachines/sweep.asl.json'), 'utf8');
const PARTITION = /\$\{Partition\}/g;
const [machine] = stack.properties('AWS::StepFunctions::StateMachine');
const [parameter] = stack.properties('AWS::SSM::Parameter');
const deployment = deploymentSchema.parse(JSON.parse(parameter.Value));

describe('the state machine', () => {
  test('every placeholder of the file is filled, and none besides', () => {
    const wanted = [...machine.DefinitionString.matchAll(/\$\{([^}]+)\}/g)].map(([, name]) => name);
    expect(wanted).toHaveLength(5);
    expect(Object.keys(machine.DefinitionSubstitutions).sort()).toEqual([...new Set(wanted)].sort());
  });

  test.each(FUNCTION_NAMES)('%s is a version of the function of that name', (name) => {
    const key = `${name[0]!.toUpperCase()}${name.slice(1)}Function`;
    expect(machine.DefinitionSubstitutions[key]).toBe(
      `arn:aws:lambda:${REGION}:${ACCOUNT}:function:Sweepstack-${name}:1`,
    );
  });

  test('the definition is the file, and less than the 1 MB that Step Functions takes', () => {
    const { TimeoutSeconds: _, ...definition } = JSON.parse(machine.DefinitionString);
    expect(definition).toEqual(JSON.parse(file.replaceAll(PARTITION, 'aws')));
    expect(machine.DefinitionString.length).toBeLessThan(1_000_000);
  });
});

test('what the state machine calls is of the partition that it is deployed to, China and GovCloud included', () => {
  const [[, made]] = stack.all('AWS::StepFunctions::StateMachine') as [[string, Resource]];
  const texts = made.Properties.DefinitionString['Fn::Join'][1] as unknown[];
  expect(texts.filter((part) => typeof part !== 'string')).toEqual(
    file.match(PARTITION)!.map(() => ({ Ref: 'AWS::Partition' })),
  );
  expect(JSON.stringify(made.Properties)).not.toMatch(/arn:aws/);
});

describe('the functions', () => {
  const functions = stack.properties('AWS::Lambda::Function');

  test.each(FUNCTION_NAMES)('%s gets the environment that it reads', (name) => {
    const fn = functions.find(({ FunctionName }) => FunctionName === `Sweepstack-${name}`);
    expect(() => FUNCTIONS[name].environment.parse(fn.Environment.Variables)).not.toThrow();
    if ('STORE_URL' in FUNCTIONS[name].environment.shape)
      expect(fn.Environment.Variables.STORE_URL).toBe('s3://sweepstack-store');
  });

  test('the profiles of the plan function are queues and job definitions of this stack', () => {
    const { PROFILES } = planEnvironmentSchema.parse(
      functions.find(({ FunctionName }) => FunctionName === 'Sweepstack-plan').Environment.Variables,
    );
    const queues = stack
      .all('AWS::Batch::JobQueue')
      .map(([id]) => `arn:aws:batch:${REGION}:${ACCOUNT}:job-queue/${id}`);
    for (const [name, profile] of Object.entries(PROFILES)) {
      expect(queues).toContain(profile.queue);
      expect(queues).toContain(profile.highPriorityQueue);
      expect(profile.highPriorityQueue).not.toBe(profile.queue);
      expect(profile.jobDefinition).toBe(`arn:aws:batch:${REGION}:${ACCOUNT}:job-definition/Sweepstack-${name}:1`);
    }
  });

  test('the queues of the release function are those of the stack', () => {
    const { QUEUES } = releaseEnvironmentSchema.parse(
      functions.find(({ FunctionName }) => FunctionName === 'Sweepstack-release').Environment.Variables,
    );
    expect([...QUEUES].sort()).toEqual(
      stack
        .all('AWS::Batch::JobQueue')
        .map(([id]) => `arn:aws:batch:${REGION}:${ACCOUNT}:job-queue/${id}`)
        .sort(),
    );
  });

  test('the profile that a spec has by default is deployed', () => {
    const { profile } = resolveSpec({ search: { space: { x: [1] } }, training: { command: ['true'] } }).compute;
    expect(Object.keys(deployment.profiles)).toContain(profile);
  });
});

describe('the parameter of the command', () => {
  test('is where the command looks for it', () => {
    expect(parameter.Name).toBe(deploymentParameter('Sweepstack'));
  });

  test('tells the state machine, the store and the logs of this stack', () => {
    expect(deployment.stateMachine).toBe(
      `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${machine.StateMachineName}`,
    );
    expect(deployment.store).toBe('s3://sweepstack-store');
    expect(deployment.profiles['gpu']?.logGroup).toBe('/aws/batch/Sweepstack-gpu');
  });

  test('fits into what a parameter holds, in the tier that its size takes', () => {
    expect(parameter.Value.length).toBeLessThan(4096);
    expect(parameter.Tier).toBe('Intelligent-Tiering');
    const many = Object.fromEntries(
      Array.from({ length: 7 }, (_, i) => [`profile-${i}`, { vcpus: 4, memoryMiB: 7000, gpus: 1 }]),
    );
    const [larger] = new Synthesized({ profiles: many }).properties('AWS::SSM::Parameter');
    expect(larger.Tier).toBe('Intelligent-Tiering');
    expect(larger.Value.length).toBeLessThan(8192);
  });
});

describe('alerts', () => {
  const full = new Synthesized({ notifications: ['team@example.com'], winners: ['lead@example.com'] });
  const topics = full.all('AWS::SNS::Topic').map(([id]) => ({ id, arn: full.fill({ Ref: id }) }));
  const winnersArn = topics.find(({ id }) => id.startsWith('AlertsWinners'))!.arn;
  const topicArn = topics.find(({ arn }) => arn !== winnersArn)!.arn;
  const statements = full.properties('AWS::SNS::TopicPolicy').flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  const publishing = (service: string, topic = topicArn) =>
    statements.filter(
      ({ Effect, Principal, Action, Resource }) =>
        Effect === 'Allow' && Principal.Service === service && Action === 'sns:Publish' && Resource === topic,
    );

  test('every rule but one leads to a topic, which lets EventBridge publish under no condition', () => {
    const rules = full.properties('AWS::Events::Rule').filter(({ Targets }) => !Targets[0].Arn.includes(':lambda:'));
    const targets = rules.map(({ Targets }) => Targets.map(({ Arn }: { Arn: string }) => Arn));
    expect(targets.sort()).toEqual([[topicArn], [topicArn], [topicArn], [winnersArn]].sort());
    for (const topic of [topicArn, winnersArn])
      expect(publishing('events.amazonaws.com', topic).map(({ Condition }) => Condition)).toEqual([undefined]);
  });

  test('every alarm leads to the topic, which lets CloudWatch publish for this account', () => {
    const alarms = full.properties('AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThanOrEqual(6);
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([topicArn]);
    expect(publishing('cloudwatch.amazonaws.com').map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
    ]);
  });

  test("no topic is encrypted with the key of AWS's own, which would block alarms", () => {
    for (const topic of full.properties('AWS::SNS::Topic')) expect(topic.KmsMasterKeyId).toBeUndefined();
  });

  test('executions of this state machine that fail, time out or are aborted are told', () => {
    const rule = full
      .properties('AWS::Events::Rule')
      .find(
        ({ EventPattern: { detail }, Targets }) => detail?.status?.includes('FAILED') && Targets[0].Arn === topicArn,
      );
    expect(rule.EventPattern.detail).toEqual({
      stateMachineArn: [`arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Sweepstack-sweep`],
      status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
    });
  });

  test('a sweep that was paused is told with the command that goes on with it, and not as one that has a winner', () => {
    const rules = full.properties('AWS::Events::Rule');
    const ofOutput = rules.flatMap(({ EventPattern: { detail }, Targets }) =>
      detail?.output === undefined ? [] : [{ output: detail.output, topic: Targets[0].Arn }],
    );
    const output = { wildcard: PAUSED_OUTPUT };
    expect(ofOutput).toHaveLength(2);
    expect(ofOutput).toContainEqual({ output: [output], topic: topicArn });
    expect(ofOutput).toContainEqual({ output: [{ 'anything-but': output }], topic: winnersArn });
    const { definition } = loadDefinition();
    expect(JSON.stringify(definition)).toContain(PAUSED_OUTPUT.slice(2, -1));
  });

  test('a blocked queue of this stack is told, and raises an alarm', () => {
    const [id, rule] = full
      .all('AWS::Events::Rule')
      .find(([, { Properties }]) => Properties.EventPattern.source[0] === 'aws.batch')!;
    expect(rule.Properties.EventPattern['detail-type']).toEqual(['Batch Job Queue Blocked']);
    expect(full.fill(rule.Properties.EventPattern.resources)).toHaveLength(6);
    const alarms = full.properties('AWS::CloudWatch::Alarm');
    expect(alarms.some(({ Dimensions }) => Dimensions?.[0]?.Value === id)).toBe(true);
  });

  test('a mail goes to each address of its topic', () => {
    expect(full.properties('AWS::SNS::Subscription')).toEqual([
      expect.objectContaining({ Protocol: 'email', Endpoint: 'team@example.com', TopicArn: topicArn }),
      expect.objectContaining({ Protocol: 'email', Endpoint: 'lead@example.com', TopicArn: winnersArn }),
    ]);
  });

  test.each([
    ['somebody is told', { notifications: ['team@example.com'] }, 7],
    ['nobody is told', {}, 0],
    ['they are asked for', { alarms: true }, 7],
    ['they are declined', { notifications: ['team@example.com'], alarms: false }, 0],
  ])('where %s there are as many alarms as the costs page says', (_, config, count) => {
    expect(new Synthesized(config).all('AWS::CloudWatch::Alarm')).toHaveLength(count);
  });

  test('a dashboard is a choice', () => {
    expect(full.all('AWS::CloudWatch::Dashboard')).toEqual([]);
    expect(new Synthesized({ dashboard: true }).all('AWS::CloudWatch::Dashboard')).toHaveLength(1);
  });
});

describe('an execution that ended without an outcome', () => {
  const [id, rule] = stack.all('AWS::Events::Rule').find(([name]) => name.startsWith('Release'))!;
  const { EventPattern, Targets } = stack.fill(rule.Properties);
  const release = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:Sweepstack-release`;

  test('is told to the release function, by its ARN and the time of its end', () => {
    expect(EventPattern.detail).toEqual({
      stateMachineArn: [deployment.stateMachine],
      status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
    });
    expect(Targets).toEqual([
      expect.objectContaining({
        Arn: release,
        InputTransformer: {
          InputPathsMap: {
            'detail-executionArn': '$.detail.executionArn',
            'detail-stopDate': '$.detail.stopDate',
          },
          InputTemplate: '{"execution":<detail-executionArn>,"endedAt":<detail-stopDate>}',
        },
      }),
    ]);
  });

  test('may be told by that rule alone', () => {
    expect(stack.properties('AWS::Lambda::Permission')).toEqual([
      expect.objectContaining({
        FunctionName: release,
        Principal: 'events.amazonaws.com',
        SourceArn: `arn:aws:events:${REGION}:${ACCOUNT}:rule/${id}`,
      }),
    ]);
  });
});
