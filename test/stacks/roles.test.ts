import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import { EXECUTION_TAG } from '../../core/aws/executions.ts';
import { ACCOUNT, REGION, Synthesized } from './support.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const stack = new Synthesized({ dataBuckets: ['team-data'], secrets: ['wandb'], keys: [KEY], schedules: [] });

const store = (key: string) => `arn:aws:s3:::sweepstack-store/${key}`;
const STORE = 'arn:aws:s3:::sweepstack-store';
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const SECRET = arn('secretsmanager', 'secret:wandb-a1b2c3');
const EXECUTION = arn('states', 'execution:Sweepstack-sweep:digits-20260101T000000');
const MACHINE = arn('states', 'stateMachine:Sweepstack-sweep');
const RESULT = store('sweeps/digits-1/results/0123456789abcdef.3.json');

/** Keys of conditions, with the values of a call. */
type Context = Readonly<Record<string, string>>;
const OURS: Context = { [`aws:ResourceTag/${EXECUTION_TAG}`]: EXECUTION };
const OTHERS: Context = { [`aws:ResourceTag/${EXECUTION_TAG}`]: arn('states', 'execution:payments:x') };
const THROUGH_S3: Context = { 'kms:ViaService': `s3.${REGION}.amazonaws.com` };

/** What a key has unless somebody takes it away: IAM's policies of its account decide. */
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }],
};

/** What the synthesized policies of a role say to one call, as AWS would judge it. */
async function judge(role: string, action: string, resource: string, context: Context = {}): Promise<string> {
  const answer = await runSimulation(
    {
      identityPolicies: stack.policiesOf(role),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(action.startsWith('kms:') ? { resourcePolicy: KEY_POLICY } : {}),
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:role/${role}`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: {
          ...(action === 'ecs:TagResource' ? { 'ecs:CreateAction': 'RegisterContainerInstance' } : {}),
          ...context,
        },
      },
    } as Parameters<typeof runSimulation>[0],
    {},
  );
  const { resultType, overallResult, errors } = answer as unknown as Record<string, unknown>;
  if (resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(errors)}`);
  return String(overallResult);
}

/** An action, its resource, and what conditions are told. */
type Call = readonly [action: string, resource: string, context?: Context];

interface Table {
  readonly role: string;
  readonly may: readonly Call[];
  readonly mayNot: readonly Call[];
}

/** What people may do who only look at sweeps. */
const LOOK: readonly Call[] = [
  ['ssm:GetParameter', arn('ssm', 'parameter/sweepstack/Sweepstack')],
  ['states:ListExecutions', MACHINE],
  ['states:DescribeExecution', EXECUTION],
  ['batch:ListJobs', '*'],
  ['batch:DescribeJobs', '*'],
  ['s3:ListBucket', STORE],
  ['s3:GetObject', RESULT],
  ['s3:GetObject', store('models/digits/champion.json')],
  ['s3:GetObject', store('sources/aa.tgz')],
  ['logs:GetLogEvents', arn('logs', 'log-group:/aws/batch/Sweepstack-gpu:log-stream:trial/default/x')],
  ['kms:Decrypt', KEY, THROUGH_S3],
  ['iam:GetRole', `arn:aws:iam::${ACCOUNT}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot`],
  ['batch:DescribeJobQueues', '*'],
  ['ec2:DescribeSubnets', '*'],
  ['ecr:DescribeImages', arn('ecr', 'repository/train')],
  ['ec2:DescribeSpotPriceHistory', '*'],
  ['pricing:GetProducts', '*'],
  ['servicequotas:GetServiceQuota', arn('servicequotas', 'ec2/L-DB2E81BA')],
];
/** What people may do besides who start sweeps. */
const START: readonly Call[] = [
  ['states:StartExecution', MACHINE],
  ['states:StopExecution', EXECUTION],
  ['batch:TerminateJob', arn('batch', 'job/x'), OURS],
  ['s3:PutObject', store('sources/aa.tgz')],
  ['s3:PutObject', store('data/packs/aa.tar')],
  ['s3:AbortMultipartUpload', store('data/packs/aa.tar')],
  ['s3:DeleteObject', RESULT],
  ['s3:DeleteObject', store('checkpoints/digits-1/x')],
  ['s3:DeleteObject', store('models/try-3ac5b1f6a140/champion.json')],
  ['kms:GenerateDataKey', KEY, THROUGH_S3],
];
/** What neither may. */
const NOBODY: readonly Call[] = [
  ['ssm:GetParameter', arn('ssm', 'parameter/sweepstack/Other')],
  ['states:StartExecution', arn('states', 'stateMachine:payments')],
  ['batch:SubmitJob', arn('batch', 'job-definition/Sweepstack-gpu:1')],
  ['batch:TerminateJob', arn('batch', 'job/x')],
  ['batch:TerminateJob', arn('batch', 'job/x'), OTHERS],
  ['s3:PutObject', RESULT],
  ['s3:PutObject', store('models/digits/champion.json')],
  ['s3:DeleteObject', store('models/digits/champion.json')],
  ['s3:DeleteObject', store('models/try-again/champion.json')],
  ['s3:GetObject', store('else/x')],
  ['logs:GetLogEvents', arn('logs', 'log-group:/aws/lambda/other:log-stream:x')],
  ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/x`],
  ['iam:GetRole', `arn:aws:iam::${ACCOUNT}:role/x`],
  ['lambda:InvokeFunction', arn('lambda', 'function:Sweepstack-plan:1')],
  ['kms:Decrypt', KEY],
  ['kms:DescribeKey', KEY, THROUGH_S3],
];

const TABLES: readonly Table[] = [
  { role: 'Peoplelook', may: LOOK, mayNot: [...START, ...NOBODY] },
  { role: 'Peoplestart', may: [...LOOK, ...START], mayNot: NOBODY },
  {
    role: 'JobsJobRole',
    may: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['kms:GenerateDataKey', KEY, THROUGH_S3],
      ['s3:GetObject', store('sweeps/digits-1/rounds/0/shard-0.json')],
      ['s3:GetObject', store('checkpoints/digits-1/0123456789abcdef/checkpoint.json')],
      ['s3:GetObject', store('sources/aa.tgz')],
      ['s3:GetObject', store('data/packs/aa.tar')],
      ['s3:PutObject', RESULT],
      ['s3:PutObject', store('checkpoints/digits-1/0123456789abcdef/1/model.pt')],
      ['s3:DeleteObject', store('checkpoints/digits-1/0123456789abcdef/1/model.pt')],
      ['s3:AbortMultipartUpload', store('sweeps/digits-1/trials/a/1/model/m.pt')],
      ['s3:ListBucket', STORE],
      ['s3:ListBucket', 'arn:aws:s3:::team-data'],
      ['s3:GetObject', 'arn:aws:s3:::team-data/images/1.png'],
      ['secretsmanager:GetSecretValue', SECRET],
      ['kms:Decrypt', KEY, { 'kms:ViaService': `secretsmanager.${REGION}.amazonaws.com` }],
    ],
    mayNot: [
      ['kms:Decrypt', KEY],
      ['s3:PutObject', store('models/digits/champion.json')],
      ['s3:GetObject', store('models/digits/champion.json')],
      ['s3:DeleteObject', store('models/digits/digits-1/m.pt')],
      ['s3:PutObject', store('sources/aa.tgz')],
      ['s3:PutObject', store('data/packs/aa.tar')],
      ['s3:PutObject', 'arn:aws:s3:::team-data/images/1.png'],
      ['s3:DeleteBucket', STORE],
      ['s3:PutBucketPolicy', STORE],
      ['s3:GetObject', 'arn:aws:s3:::somebody-elses/x'],
      ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:production-database-a1b2c3')],
      ['batch:SubmitJob', arn('batch', 'job-definition/Sweepstack-gpu:1')],
      ['states:StartExecution', MACHINE],
      ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/x`],
    ],
  },
  {
    role: 'JobsExecutionRole',
    may: [
      ['ecr:GetAuthorizationToken', '*'],
      ['ecr:BatchGetImage', arn('ecr', `repository/cdk-hnb659fds-container-assets-${ACCOUNT}-${REGION}`)],
      ['logs:PutLogEvents', arn('logs', 'log-group:/aws/batch/Sweepstack-gpu:log-stream:trial/default/x')],
    ],
    mayNot: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['ecr:BatchGetImage', arn('ecr', 'repository/payments')],
      ['ecr:PutImage', arn('ecr', `repository/cdk-hnb659fds-container-assets-${ACCOUNT}-${REGION}`)],
      ['s3:GetObject', RESULT],
      ['logs:PutLogEvents', arn('logs', 'log-group:/aws/lambda/other:log-stream:x')],
    ],
  },
  {
    role: 'ComputeInstancesRole',
    may: [
      ['ecs:RegisterContainerInstance', arn('ecs', 'cluster/AWSBatch-x')],
      ['ecs:Poll', arn('ecs', 'container-instance/AWSBatch-x/1')],
      ['ecs:DiscoverPollEndpoint', '*'],
      ['ecs:TagResource', arn('ecs', 'container-instance/AWSBatch-x/1')],
    ],
    mayNot: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['s3:GetObject', RESULT],
      ['s3:ListBucket', STORE],
      ['secretsmanager:GetSecretValue', SECRET],
      ['ecs:RunTask', arn('ecs', 'task-definition/x:1')],
      ['ecr:BatchGetImage', arn('ecr', 'repository/payments')],
      ['ec2:RunInstances', arn('ec2', 'instance/*')],
    ],
  },
  {
    role: 'FunctionsPlanRole',
    may: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['kms:GenerateDataKey', KEY, THROUGH_S3],
      ['s3:GetObject', store('sweeps/digits-1/lock.json')],
      ['s3:PutObject', store('sweeps/digits-1/lock.json')],
      ['s3:DeleteObject', RESULT],
      ['s3:GetObject', store('models/digits/champion.json')],
      ['s3:GetObject', store('data/aa/index.json')],
      ['s3:ListBucket', STORE],
      ['s3:ListBucket', 'arn:aws:s3:::team-data'],
      ['states:DescribeExecution', EXECUTION],
    ],
    mayNot: [
      ['s3:PutObject', store('models/digits/champion.json')],
      ['s3:GetObject', 'arn:aws:s3:::team-data/images/1.png'],
      ['s3:DeleteObject', store('checkpoints/digits-1/x')],
      ['states:StartExecution', MACHINE],
      ['states:StopExecution', EXECUTION],
      ['states:DescribeExecution', arn('states', 'execution:payments:x')],
      ['batch:SubmitJob', arn('batch', 'job-definition/Sweepstack-gpu:1')],
      ['secretsmanager:GetSecretValue', SECRET],
    ],
  },
  {
    role: 'FunctionsAggregateRole',
    may: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['kms:GenerateDataKey', KEY, THROUGH_S3],
      ['s3:GetObject', RESULT],
      ['s3:PutObject', store('sweeps/digits-1/rounds/0/partition-0.json')],
      ['s3:ListBucket', STORE],
      ['batch:ListJobs', '*'],
      ['batch:DescribeJobs', '*'],
    ],
    mayNot: [
      ['s3:PutObject', RESULT],
      ['s3:DeleteObject', RESULT],
      ['batch:TerminateJob', arn('batch', 'job/x')],
      ['s3:GetObject', store('models/digits/champion.json')],
    ],
  },
  {
    role: 'FunctionsSelectRole',
    may: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['kms:GenerateDataKey', KEY, THROUGH_S3],
      ['s3:GetObject', store('prices/eu-west-1.json')],
      ['s3:PutObject', store('sweeps/digits-1/leaderboard.json')],
      ['s3:DeleteObject', store('sweeps/digits-1/trials/a/1/model/m.pt')],
      ['s3:DeleteObject', store('sweeps/digits-1/lock.json')],
      ['s3:ListBucket', STORE],
    ],
    mayNot: [
      ['s3:PutObject', store('models/digits/champion.json')],
      ['s3:DeleteObject', store('models/digits/digits-1/m.pt')],
      ['s3:DeleteObject', store('data/packs/aa.tar')],
    ],
  },
  {
    role: 'FunctionsPromoteRole',
    may: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['kms:GenerateDataKey', KEY, THROUGH_S3],
      ['s3:GetObject', store('sweeps/digits-1/trials/a/1/model/m.pt')],
      ['s3:PutObject', store('models/digits/champion.json')],
      ['s3:DeleteObject', store('sweeps/digits-1/lock.json')],
      ['s3:ListBucket', STORE],
    ],
    mayNot: [
      ['s3:DeleteObject', store('models/digits/digits-1/m.pt')],
      ['s3:DeleteObject', RESULT],
      ['s3:PutObject', RESULT],
    ],
  },
  {
    role: 'FunctionsReleaseRole',
    may: [
      ['batch:ListJobs', '*'],
      ['batch:DescribeJobs', '*'],
      ['batch:TerminateJob', arn('batch', 'job/x'), OURS],
      ['states:DescribeExecution', EXECUTION],
    ],
    mayNot: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['batch:TerminateJob', arn('batch', 'job/x')],
      ['batch:TerminateJob', arn('batch', 'job/x'), OTHERS],
      ['batch:CancelJob', arn('batch', 'job/x'), OURS],
      ['states:StopExecution', EXECUTION],
      ['s3:ListBucket', STORE],
      ['s3:GetObject', RESULT],
    ],
  },
  {
    role: 'SweepRole',
    may: [
      ['lambda:InvokeFunction', arn('lambda', 'function:Sweepstack-plan:1')],
      // The version of an earlier deploy, which a running sweep goes on with.
      ['lambda:InvokeFunction', arn('lambda', 'function:Sweepstack-select:7')],
      ['batch:SubmitJob', arn('batch', 'job-definition/Sweepstack-gpu:7')],
      ['batch:SubmitJob', arn('batch', `job-queue/${stack.all('AWS::Batch::JobQueue')[0]![0]}`)],
      ['batch:SubmitJob', arn('batch', 'job/x')],
      ['batch:TagResource', arn('batch', 'job/x')],
      ['batch:DescribeJobs', '*'],
      ['batch:TerminateJob', arn('batch', 'job/x')],
      ['events:PutRule', arn('events', 'rule/StepFunctionsGetEventsForBatchJobsRule')],
      ['logs:CreateLogDelivery', '*'],
    ],
    mayNot: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['lambda:InvokeFunction', arn('lambda', 'function:payments')],
      ['lambda:InvokeFunction', arn('lambda', 'function:Sweepstack-plan-other:1')],
      ['batch:SubmitJob', arn('batch', 'job-definition/payments:1')],
      ['events:PutRule', arn('events', 'rule/payments')],
      ['s3:GetObject', RESULT],
      ['batch:RegisterJobDefinition', arn('batch', 'job-definition/x')],
      ['batch:TagResource', arn('batch', 'job-definition/x:1')],
    ],
  },
];

const withContext = ([action, resource, context = {}]: Call) => [action, resource, context] as const;

describe.each(TABLES)('$role', ({ role, may, mayNot }) => {
  test.each(may.map(withContext))('may %s on %s', async (action, resource, context) => {
    expect(await judge(role, action, resource, context)).toBe('Allowed');
  });

  test.each(mayNot.map(withContext))('may not %s on %s', async (action, resource, context) => {
    expect(await judge(role, action, resource, context)).toMatch(/Denied$/);
  });
});

test('every role of the stack has its table', () => {
  const tested = TABLES.map(({ role }) => role);
  for (const [id] of stack.all('AWS::IAM::Role')) {
    expect(
      tested.some((role) => id.startsWith(role)),
      id,
    ).toBe(true);
  }
});

test('every managed policy has its table, a name that a permission set can give, and a size that IAM takes', () => {
  const policies = stack.all('AWS::IAM::ManagedPolicy');
  expect(policies.map(([, { Properties }]) => stack.fill(Properties.ManagedPolicyName))).toEqual([
    'Sweepstack-eu-west-1-look',
    'Sweepstack-eu-west-1-start',
  ]);
  for (const [id, { Properties }] of policies) {
    expect(
      TABLES.some(({ role }) => id.startsWith(role)),
      id,
    ).toBe(true);
    expect(JSON.stringify(stack.fill(Properties.PolicyDocument)).length).toBeLessThan(6144);
  }
});

test('no role has a managed policy', () => {
  for (const [id, { Properties }] of stack.all('AWS::IAM::Role')) {
    expect(Properties.ManagedPolicyArns ?? [], id).toEqual([]);
  }
});
