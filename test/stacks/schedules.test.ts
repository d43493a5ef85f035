import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { parseConfig } from '../../stacks/config.ts';
import { checkUpload, temporaryMiB, Uploads } from '../../stacks/uploads.ts';
import { ACCOUNT, REGION, Synthesized } from './support.ts';

const MIB = 1024 * 1024;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-schedules-'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'a.txt'), 'a');
  writeFileSync(join(folder, 'train.sh'), 'true\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The path of a spec file with this text. */
function specOf(name: string, text: string): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}

const schedule = (spec: string, more: object = {}) =>
  Synthesized.withSchedules({
    dataBuckets: ['team-data'],
    notifications: ['team@example.com'],
    schedules: [{ name: 'nightly', spec, expression: 'cron(0 3 * * ? *)', timezone: 'Europe/Paris', ...more }],
  });

const IN_BUCKET = `
name: nightly
search: { space: { x: [1, 2] } }
training: { command: [./train], data: s3://team-data/images }
compute: { profile: cpu }
`;

describe('names in a configuration meet neither each other nor a part of the stack', () => {
  test('of schedules', async () => {
    const spec = specOf('names', IN_BUCKET);
    const stack = await Synthesized.withSchedules({
      dataBuckets: ['team-data'],
      schedules: [{ name: 'role', spec, expression: 'rate(1 day)' }],
    });
    expect(stack.all('AWS::Scheduler::Schedule')).toHaveLength(1);
  });

  test('of what schedules upload', () => {
    const stack = new Stack(new App(), 'Names');
    const inputs = ['log', 'role', 'w', 'w-asset', 'x1', 'x-1'].map((name) => ({ name, folder, bytes: 1 }));
    const bucket = Bucket.fromBucketName(stack, 'Store', 'sweeps');
    const uploads = new Uploads(stack, 'Uploads', { config: parseConfig({}), inputs, bucket });
    for (const { name } of inputs) expect(uploads.neededBy(name)).toHaveLength(1);
  });

  test('of profiles', () => {
    const names = ['cpu', 'cpu-log', 'job-role', 'execution-role', 'x1', 'x-1'];
    const profiles = Object.fromEntries(names.map((name) => [name, { vcpus: 2, memoryMiB: 1024 }]));
    const stack = new Synthesized({ profiles });
    expect(stack.all('AWS::Batch::JobDefinition')).toHaveLength(names.length);
  });
});

describe('a schedule over data in a bucket', () => {
  let stack: Synthesized;
  beforeAll(async () => {
    stack = await schedule(specOf('bucket', IN_BUCKET));
  });

  test('starts the state machine at its time, in its time zone', () => {
    const [made] = stack.properties('AWS::Scheduler::Schedule');
    expect(made).toMatchObject({
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Paris',
      State: 'ENABLED',
      Target: { Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution' },
    });
  });

  test('names the execution after the invocation, so that a retry of Scheduler starts nothing twice', () => {
    const [made] = stack.properties('AWS::Scheduler::Schedule');
    const call = JSON.parse(made.Target.Input);
    expect(call.StateMachineArn).toBe(`arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Sweepstack-sweep`);
    expect(call.Name).toBe('nightly-<aws.scheduler.execution-id>');
    expect(call.Name.replace(/<.*>/, '').length + 36).toBeLessThanOrEqual(80);
  });

  test('hands over the spec as its input, without an id, so that each start is a sweep of its own', () => {
    const [made] = stack.properties('AWS::Scheduler::Schedule');
    const input = JSON.parse(JSON.parse(made.Target.Input).Input);
    expect(input.sweepId).toBeUndefined();
    expect(resolveSpec(input)).toMatchObject({ name: 'nightly', training: { data: 's3://team-data/images' } });
  });

  test('a start that fails is retried a few times and then kept, and an alarm tells', () => {
    const [made] = stack.properties('AWS::Scheduler::Schedule');
    const [[queue]] = stack.all('AWS::SQS::Queue') as [[string, unknown]];
    expect(made.Target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 5 });
    expect(made.Target.DeadLetterConfig.Arn).toBe(`arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`);
    const alarms = stack.properties('AWS::CloudWatch::Alarm');
    expect(alarms.some(({ AlarmDescription }) => /schedule could not start/.test(AlarmDescription))).toBe(true);
  });

  test('its role starts this state machine and writes that queue, for this account, and no more', () => {
    const [found] = stack.policiesOf('SchedulesRole');
    const { Statement } = found!.policy as { Statement: { Action: string }[] };
    expect(Statement.map(({ Action }) => Action)).toEqual(['states:StartExecution', 'sqs:SendMessage']);
    const [role] = stack
      .all('AWS::IAM::Role')
      .flatMap(([id, { Properties }]) => (id.startsWith('SchedulesRole') ? [stack.fill(Properties)] : []));
    expect(role.AssumeRolePolicyDocument.Statement[0]).toMatchObject({
      Principal: { Service: 'scheduler.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
    });
  });

  test('needs no upload', () => {
    expect(stack.all('Custom::CDKBucketDeployment')).toEqual([]);
  });

  test('that is switched off stays deployed', async () => {
    const off = await schedule(specOf('off', IN_BUCKET), { enabled: false });
    expect(off.properties('AWS::Scheduler::Schedule')[0].State).toBe('DISABLED');
  });
});

test('source and data beside the spec go into the store with the deployment, and nothing there is pruned', async () => {
  const spec = specOf(
    'folders',
    'name: nightly\nsearch: { space: { x: [1] } }\ntraining: { command: [sh, train.sh], source: ., data: ./data }\n',
  );
  const stack = await schedule(spec);
  const [upload] = stack.properties('Custom::CDKBucketDeployment');
  expect(upload).toMatchObject({ DestinationBucketName: 'sweepstack-store', Prune: false, RetainOnDelete: true });
  const [made] = stack.properties('AWS::Scheduler::Schedule');
  const input = JSON.parse(JSON.parse(made.Target.Input).Input);
  expect(input.training.source).toMatch(/^sources\/[0-9a-f]{64}(-[0-9a-f]{64})?\.tgz$/);
  expect(input.training.data).toMatch(/^data\/[0-9a-f]{64}$/);
});

describe('the upload of source and data', () => {
  const FOLDERS =
    'name: nightly\nsearch: { space: { x: [1] } }\ntraining: { command: [sh, train.sh], source: ., data: ./data }\n';

  test('leaves nothing in the temporary folder', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'sweepstack-temporary-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    try {
      await schedule(specOf('temporary', FOLDERS));
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
    const left = readdirSync(temporary);
    rmSync(temporary, { recursive: true });
    // CDK keeps an assembly that nobody named a folder for.
    expect(left.filter((name) => !name.startsWith('cdk.out'))).toEqual([]);
  });

  test('is made by one function for all schedules, with room for the archive and what it unpacks', async () => {
    mkdirSync(join(folder, 'large'));
    writeFileSync(join(folder, 'large', 'zeros.bin'), '');
    truncateSync(join(folder, 'large', 'zeros.bin'), 230 * MIB);
    const withData = (name: string) => ({
      name,
      spec: specOf(
        name,
        FOLDERS.replace('source: ., data: ./data', `data: ./${name}`).replace('train.sh', '-c, "true"'),
      ),
      expression: 'rate(1 day)',
    });
    const stack = await Synthesized.withSchedules({ schedules: [withData('data'), withData('large')] });
    rmSync(join(folder, 'large'), { recursive: true });
    const functions = stack.all('AWS::Lambda::Function').filter(([id]) => id.startsWith('CustomCDKBucketDeployment'));
    expect(functions.map(([, { Properties }]) => Properties.EphemeralStorage)).toEqual([{ Size: 1024 }]);
    expect(stack.all('Custom::CDKBucketDeployment')).toHaveLength(2);
  }, 60_000);

  test.each([
    [1, 512],
    [224 * MIB, 512],
    [224 * MIB + 1, 1024],
    [5088 * MIB, 10_240],
  ])('of %i bytes takes %i MiB of temporary space', (bytes, size) => {
    expect(temporaryMiB(bytes)).toBe(size);
    expect(() => checkUpload('nightly', bytes)).not.toThrow();
  });

  test('that no function has room for is refused at synth, with the limit and what to do', () => {
    expect(() => checkUpload('nightly', 5088 * MIB + 1)).toThrow(
      /schedules\.nightly\.spec: its source and data take 5,089 MiB; allowed: at most 5,088 MiB.*s3:\/\/bucket\/prefix/,
    );
  });

  test('may write sources and data of the store, read its own archive, and no more', async () => {
    const stack = await schedule(specOf('role', FOLDERS));
    const [found] = stack.policiesOf('SchedulesUploadsRole');
    const { Statement } = found!.policy as { Statement: { Action: string | string[]; Resource: string | string[] }[] };
    const said = Statement.map(({ Action, Resource }) => [[Action].flat().join(' '), [Resource].flat()] as const);
    expect(Object.fromEntries(said)).toEqual({
      'logs:CreateLogStream logs:PutLogEvents': [
        `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/Sweepstack-uploads:*`,
      ],
      's3:ListBucket': ['arn:aws:s3:::sweepstack-store'],
      's3:PutObject s3:AbortMultipartUpload': [
        'arn:aws:s3:::sweepstack-store/sources/*',
        'arn:aws:s3:::sweepstack-store/data/*',
      ],
      's3:GetObject': [expect.stringMatching(/^arn:aws:s3:::cdk-hnb659fds-assets-[^*]+\.zip$/)],
    });
    for (const [id, { Properties }] of stack.all('AWS::IAM::Role'))
      expect(Properties.ManagedPolicyArns ?? [], id).toEqual([]);
  });
});

describe('refused at synth', () => {
  const refused: [string, string, RegExp][] = [
    [
      'a fixed sweepId',
      IN_BUCKET.replace('name: nightly', 'name: nightly\nsweepId: always'),
      /sweepstack\.schedules\.nightly\.spec: .*sweepId: received "always"/,
    ],
    [
      'a profile that is not deployed',
      IN_BUCKET.replace('cpu', 'tpu'),
      /compute\.profile: received "tpu"; allowed: gpu, multi-gpu, cpu/,
    ],
    [
      'more GPUs than the profile has',
      IN_BUCKET.replace('cpu', 'gpu, gpus: 2'),
      /compute\.gpus: received 2; allowed with profile gpu: at most 1/,
    ],
    [
      'a secret that trials may not read',
      IN_BUCKET.replace('data:', 'environment: { KEY: { secret: wandb } }, data:'),
      /training\.environment\.KEY: .*add it to "secrets" in cdk\.json/,
    ],
    [
      'data in a bucket that trials may not read',
      IN_BUCKET.replace('team-data', 'other-data'),
      /training\.data: received "s3:\/\/other-data\/images"; trials may read .* s3:\/\/team-data; add "other-data"/,
    ],
    [
      'more rounds than one execution can hold',
      IN_BUCKET.replace('search: {', 'search: { strategy: bayesian, trials: 1000, rounds: 1000,'),
      /history events; allowed: 20,000/,
    ],
    ['a spec with a mistake', IN_BUCKET.replace('x: [1, 2]', 'x: { min: 2, max: 1 }'), /search\.space\.x/],
  ];
  test.each(refused)('%s', async (name, text, message) => {
    const spec = specOf(name.replaceAll(' ', '-'), text);
    await expect(schedule(spec)).rejects.toThrow(message);
  });

  test('a spec file that is not there', async () => {
    await expect(schedule(join(folder, 'nowhere.yaml'))).rejects.toThrow(/does not exist/);
  });
});
