import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askJson, type Caller, items, query, textAt } from '../../cli/remote/signed-request.ts';
import type { Finding } from '../../core/aws/finding.ts';
import { dollarsText } from '../../core/money/dollars.ts';
import { startsOf, unitName } from '../../core/search/asynchronous/known.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type Cloud, endOf, startCloud } from '../support/cloud.ts';
import { type Ended, Place, processesWith } from '../support/sweep-command.ts';

// The command against the deployed stack, as somebody uses it who has a project and credentials.

let cloud: Cloud;
let place: Place;
let folder: string;

const TRAIN = `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
const { X, DATA_DIR, METRICS_FILE, MODEL_DIR } = process.env;
console.log('hello from x=' + X);
if (X === '2') { console.error('two is too many'); process.exit(4); }
const offset = Number(readFileSync(DATA_DIR + '/offset.txt', 'utf8'));
appendFileSync(METRICS_FILE, JSON.stringify({ score: Number(X) + offset }) + '\\n');
writeFileSync(MODEL_DIR + '/x.txt', X);
`;
const SPEC = `
name: shell
sweepId: shell-1
search: { space: { x: [1, 2, 3] } }
objective: { metric: score }
training: { command: [${JSON.stringify(process.execPath)}, train.mjs], source: ., data: ./data, epochs: 1 }
compute: { profile: cpu }
tolerance: { failedTrials: 1 }
`;
const NIGHTLY = `
name: nightly
search: { space: { x: [1, 3] } }
objective: { metric: score }
training: { command: [${JSON.stringify(process.execPath)}, train.mjs], source: ., data: ./data, epochs: 1 }
compute: { profile: cpu }
`;

beforeAll(async () => {
  place = new Place().write({
    'sweep.yaml': SPEC,
    'nightly.yaml': NIGHTLY,
    'train.mjs': TRAIN,
    'data/offset.txt': '10',
    'data/notes/readme.txt': 'words',
  });
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-cloud-cli-'));
  const spec = join(place.project, 'nightly.yaml');
  cloud = await startCloud({
    notifications: ['team@example.com'],
    schedules: [{ name: 'nightly', spec, expression: 'rate(1 day)' }],
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  place?.remove();
  await cloud?.stop();
});

/** Commands that only look. */
const LOOKS = ['status', 'list', 'report', 'logs', 'model', 'watch', 'export', 'compare', 'doctor', 'costs', 'verify'];

/** As somebody who has one of the stack's two managed policies, and nothing else. */
async function sweepWith(policy: 'look' | 'start', args: readonly string[]): Promise<Ended> {
  const people = await cloud.get<Record<string, Record<string, string>>>('people');
  return place.sweep(args, { environment: { ...cloud.environment, ...people[`Sweepstack-us-east-1-${policy}`] } });
}

/** What copies to a bucket of one's own takes rights of one's own. */
const isBeyondSweeps = (args: readonly string[]) => args.some((arg) => arg.startsWith('s3://'));

/** Everybody has the least that the command needs. */
function sweep(...args: string[]): Promise<Ended> {
  if (isBeyondSweeps(args)) return place.sweep(args, { environment: cloud.environment });
  return sweepWith(LOOKS.includes(args[0]!) ? 'look' : 'start', args);
}

async function text(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await sweep(...args);
  expect(status, stderr).toBe(0);
  return stdout + stderr;
}

async function json(...args: string[]) {
  const { status, stdout, stderr } = await sweep(...args, '--json');
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe('a sweep that is started and followed', () => {
  let started: Ended;
  beforeAll(async () => {
    started = await sweep('start', 'sweep.yaml', '--try');
  });

  test('was tried by one trial first, whose traces are gone', async () => {
    expect(started.stderr).toMatch(
      /one trial, one epoch: succeeded\ntrial +0: x=1\n(.*\n)*.*the objective score: 11\n/,
    );
    expect(started.stderr).toMatch(/^model +1 file/m);
    expect((await cloud.get<string[]>('submitted'))[0]).toContain('-shell-1-try-');
    const left = (await Array.fromAsync(cloud.store.list(''))).map(({ key }) => key);
    expect(left.filter((key) => /shell-1-try|models\/try-/.test(key))).toEqual([]);
  });

  test('tells what was uploaded, the quotas it needs, and where to look', () => {
    expect(started.status, started.stderr).toBe(0);
    const said = started.stdout + started.stderr;
    expect(said).toMatch(/shell-1 started: 3 trials on profile cpu, at most 64 at once, Spot first/);
    // The deployment brought source and data for its schedule.
    expect(said).toMatch(/uploaded {2}nothing; everything was already there/);
    expect(said).toMatch(/quota .*vCPUs/);
    expect(said).toMatch(/cost {2}about \$0\.\d+ .* on 3 c6i\.xlarge on Spot; at most \$/);
    expect(said).toMatch(/per epoch \(the trial that was tried first\)/);
    expect(said).toMatch(/https:\/\/us-east-1\.console\.aws\.amazon\.com\/states\//);
    expect(said).toMatch(/sweep watch shell-1/);
  });

  let watched: string;
  test('watch follows it to its end, with the outcome', async () => {
    const page = join(folder, 'report.html');
    watched = await text('watch', 'shell-1', '--every', '1', '--report', page);
    expect(watched).toContain(`The report is ${page}`);
    expect(readFileSync(page, 'utf8')).toContain('"sweepId":"shell-1"');
    expect(watched).toMatch(/3 of 3 trials/);
    expect(watched).toMatch(/shell-1 {2}succeeded/);
    expect(watched).toMatch(/best +score 13 /);
    expect(watched).toMatch(/ran on +3 Spot c6i\.xlarge us-east-1a/);
  });

  test('status tells counts, best and the failures by class', async () => {
    expect(await json('status', 'shell-1')).toMatchObject({
      sweepId: 'shell-1',
      status: 'succeeded',
      trials: { planned: 3, finished: 3, failed: 1 },
      best: { value: 13, parameters: { x: 3 } },
      failures: [{ class: 'exit-status', count: 1, example: { reason: expect.stringContaining('two is too many') } }],
      instances: [{ type: 'c6i.xlarge', purchase: 'spot', zone: 'us-east-1a', trials: 3 }],
    });
  });

  test('costs bills the Spot instance that they shared, and its trials share the bill', async () => {
    const { dollars, machines, prices, trials, by, secondsBy } = await json('costs', 'shell-1');
    // Whatever ran, the instance was up for its start and its end.
    expect(dollars).toBeGreaterThan((360 / 3600) * 0.17);
    expect(prices).toEqual([{ dollars: 0.17, kind: 'limit', asOf: '2026-01-19', region: 'us-east-1' }]);
    expect([machines >= 1, by.failed > 0, secondsBy.interrupted]).toEqual([true, true, 0]);
    const all = trials.reduce((sum: number, each: { dollars: number }) => sum + each.dollars, 0);
    expect(all).toBeCloseTo(dollars, 9);
    expect((await json('status', 'shell-1')).costs.dollars).toBeCloseTo(dollars, 9);
    // What the live view said last, and the status below it.
    expect(watched).toContain(`3 of 3 trials done, 1 failed (1 exit-status), 0 running, ${dollarsText(dollars)}\n`);
    expect(watched).toContain(
      `cost ${dollarsText(dollars)} (on-demand price, because the Spot price is unknown, us-east-1`,
    );
    for (const { phases } of trials)
      expect(phases).toMatchObject({ waiting: expect.any(Number), pulling: 7.5, training: expect.any(Number) });
  });

  test('list says where it is', async () => {
    expect(await text('list')).toMatch(/shell-1 .*succeeded/);
  });

  test('report shows the leaderboard', async () => {
    expect(await text('report', 'shell-1')).toMatch(/13.*\n.*11/);
  });

  test('logs prints what a trial printed', async () => {
    expect(await text('logs', 'shell-1', '1')).toBe('hello from x=2\ntwo is too many\n');
  });

  test('model copies the best one', async () => {
    const to = join(folder, 'model');
    await text('model', 'shell-1', '--to', to);
    expect(readFileSync(join(to, 'x.txt'), 'utf8')).toBe('3');
  });

  test('model packs it for SageMaker in a bucket, once', async () => {
    const to = `${cloud.store.url}/released/shell`;
    const { model, register } = await json('model', 'shell-1', '--sagemaker', '--to', to);
    expect(model).toBe(`${to}/model.tar.gz`);
    expect(register).toContain(`"ModelDataUrl":"${to}/model.tar.gz"`);
    expect((await cloud.store.get('released/shell/model.tar.gz'))?.body.length).toBeGreaterThan(0);
    const { status, stderr } = await sweep('model', 'shell-1', '--to', `${to}/`);
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/holds "released\/shell\/model/),
    });
  });

  test('export reads it', async () => {
    const to = join(folder, 'trials.jsonl');
    await text('export', 'shell-1', '--to', to);
    expect(readFileSync(to, 'utf8').trim().split('\n')).toHaveLength(3);
  });

  test('stop says that it is not running', async () => {
    expect(await text('stop', 'shell-1')).toMatch(/shell-1 is not running/);
  });

  test('start again uploads nothing and trains only what failed', async () => {
    const again = await json('start', 'sweep.yaml');
    expect(again.uploaded).toEqual({ objects: 0, bytes: 0 });
    const { status, output } = await endOf(cloud, again.execution);
    expect({ status, trials: output.trials }).toEqual({
      status: 'SUCCEEDED',
      trials: { planned: 3, trained: 1, reused: 2, failed: 1 },
    });
  });

  test('remove deletes its objects and leaves the champion', async () => {
    await text('remove', 'shell-1', '--yes');
    const left: string[] = [];
    for await (const { key } of cloud.store.list('')) left.push(key);
    expect(left.filter((key) => /^(sweeps|checkpoints)\/shell-1\//.test(key))).toEqual([]);
    expect(left).toContain('models/shell/champion.json');
    const { status, stderr } = await sweep('status', 'shell-1');
    expect({ status, said: /shell-1/.test(stderr) }).toEqual({ status: 2, said: true });
  });
});

test('try --on compares profiles side by side; the one that fails loses the other nothing, and no trace of that stays', async () => {
  const { status, stdout, stderr } = await sweep('try', 'sweep.yaml', '--on', 'cpu,gpu', '--json');
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    sweepId: 'shell-1',
    parameters: { x: 1 },
    profiles: [
      {
        profile: 'cpu',
        status: 'succeeded',
        epoch: { instance: { type: 'c6i.xlarge' }, price: { dollars: 0.17 }, slots: 1, dollars: expect.any(Number) },
      },
      // The machine beneath has no GPU.
      { profile: 'gpu', status: 'failed', failure: { class: expect.any(String) }, epoch: null },
    ],
    ...{ cheapest: 'cpu', fastest: 'cpu' },
  });
  const left = (await Array.fromAsync(cloud.store.list(''))).map(({ key }) => key);
  expect(left.filter((key) => /shell-1-cpu-try|models\/try-/.test(key))).toEqual([]);
});

describe('what start refuses', () => {
  const refused = async (yaml: string) => {
    writeFileSync(join(place.project, 'bad.yaml'), yaml);
    const before = await cloud.get<string[]>('submitted');
    const { status, stderr } = await sweep('start', 'bad.yaml');
    expect(await cloud.get('submitted')).toEqual(before);
    return { status, stderr };
  };

  test('a profile that the stack does not have, with those it has', async () => {
    const { status, stderr } = await refused(SPEC.replace('profile: cpu', 'profile: gpuu'));
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /compute\.profile.*"gpuu".*allowed in the stack Sweepstack: gpu, multi-gpu, cpu; did you mean gpu\?/s,
    );
  });

  test('a secret that trials may not read', async () => {
    const { stderr } = await refused(SPEC.replace('epochs: 1', 'epochs: 1, environment: { KEY: { secret: wandb } }'));
    expect(stderr).toMatch(/training\.environment\.KEY.*add it to "secrets" in cdk\.json/s);
  });

  test('a sweep of many trials whose first one fails: nothing more is started, and its log is there', async () => {
    const many = SPEC.replaceAll('shell', 'many').replace(
      '[1, 2, 3]',
      JSON.stringify([2, ...Array.from({ length: 20 }, (_, n) => 10 + n)]),
    );
    writeFileSync(join(place.project, 'many.yaml'), many);
    const before = (await cloud.get<string[]>('submitted')).length;
    const { status, stdout, stderr } = await sweep('start', 'many.yaml', '--json');
    expect(status, stderr).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      sweepId: 'many-1',
      started: false,
      tried: { status: 'failed', parameters: { x: 2 }, failure: { class: 'exit-status' } },
    });
    expect(stderr).toMatch(/Nothing more was started\. sweep logs many-1-try 0/);
    expect((await cloud.get<string[]>('submitted')).slice(before)).toEqual([expect.stringContaining('-many-1-try-')]);
    expect(await text('logs', 'many-1-try', '0')).toContain('two is too many');
  });

  test('a sweep that costs much, unless somebody agrees', async () => {
    const { status, stderr } = await sweep('start', 'sweep.yaml', '--epoch-seconds', '1000000');
    expect(status).toBe(2);
    expect(stderr).toMatch(/cost {2}about \$\d+.*\n.*training \$/);
    expect(stderr).toMatch(/--yes: is missing/);
  });

  test('a stack that is not there, with what to do', async () => {
    const args = ['start', 'sweep.yaml', '--stack', 'Other'];
    // Who may ask for other stacks than their own.
    const { status, stderr } = await place.sweep(args, { environment: cloud.environment });
    expect(status).toBe(2);
    expect(stderr).toMatch(/Other.*cdk deploy|Other.*--stack/s);
  });
});

const MANY_COMMANDS = { timeout: 300_000 };
test(
  'an asynchronous search loses a host, is paused, resumed and stopped, leaves no trial running, and goes on',
  MANY_COMMANDS,
  async () => {
    const go = join(folder, 'go');
    const held = SPEC.replaceAll('shell', 'held')
      .replace('train.mjs', 'held.mjs')
      .replace('profile: cpu', 'profile: cpu, trialsPerGpu: 2')
      .replace('search: {', 'search: { strategy: bayesian, asynchronous: true, trials: 3,');
    place.write({
      'held.yaml': held,
      'urgent.yaml': NIGHTLY.replace('nightly', 'urgent').replace('profile: cpu', 'profile: cpu, priority: high'),
      'held.mjs': `import { existsSync, writeFileSync, appendFileSync } from 'node:fs';
const { CHECKPOINT_DIR, METRICS_FILE } = process.env;
if (existsSync(${JSON.stringify(go)})) { appendFileSync(METRICS_FILE, '{"score": 1}\\n'); process.exit(0); }
writeFileSync(CHECKPOINT_DIR + '/seen', '');
console.log('in the middle');
setTimeout(() => {}, 600_000);
`,
    });
    // Of two children the first, in whose lanes are trials 0 and 2, says that it is in the middle, and loses its host.
    await cloud.set({ reclaims: [[0, 1]] });
    await json('start', 'held.yaml');
    // Each has begun and saved a checkpoint, those of the first child in its second attempt.
    const { search, checkpoints } = sweepObjects(cloud.store, 'held-1');
    await until(async () => {
      // A point is put after its claim, so whoever lists points first finds the claim of each.
      const points = await search.points();
      const starts = startsOf(await search.claims());
      const owners = await search.read([...starts.values()]);
      const saved = await Promise.all(
        [...points].map(([id, { number }]) =>
          checkpoints.ofUnit(id, starts.get(unitName({ number, epochs: 1 }))!).manifest(),
        ),
      );
      const isAgain = owners.every(({ owner, attempt }) => owner.endsWith(':1') || attempt === 2);
      return isAgain && saved.length === 3 && !saved.includes(null);
    });
    await cloud.set({ reclaims: [] });
    const processes = processesWith('held.mjs').length;
    expect(await json('pause', 'held-1', '--now')).toMatchObject({ paused: true, now: true });
    await until(async () => (await json('status', 'held-1')).status === 'paused');
    expect(processesWith('held.mjs')).toEqual([]);
    const mails = await cloud.get<{ event: { detail: { output?: string } } }[]>('mails');
    expect(mails.filter(({ event }) => event.detail.output?.includes('sweep resume held-1'))).toHaveLength(1);
    expect(await text('resume', 'held-1')).toContain('sweep watch held-1');
    await until(() => processesWith('held.mjs').length === processes);
    expect(await json('status', 'held-1')).toMatchObject({
      status: 'running',
      running: [{ trial: 0 }, { trial: 1 }, { trial: 2 }],
    });
    expect(await text('status', 'held-1')).toMatch(
      /held-1 {2}running\n.* 0 of 3 trials\n(.*\n)?cost +\$.* so far, .*\nBatch +2 running\n/,
    );
    const urgent = await json('start', 'urgent.yaml');
    expect(urgent.ahead).toEqual([{ sweepId: 'held-1', running: 2, waiting: 0 }]);
    const { status, stderr } = await sweep('start', 'held.yaml');
    expect({ status, said: stderr }).toMatchObject({
      said: expect.stringMatching(/held-1 is running.*sweep stop held-1/),
    });
    await text('skip', 'held-1', '2');
    await until(() => processesWith('held.mjs').length === (processes / 3) * 2);
    expect(await text('stop', 'held-1')).toMatch(
      /held-1: stopped, 1 jobs? with all their children; start the same spec again/,
    );
    await until(() => processesWith('held.mjs').length === 0);
    expect(await json('status', 'held-1')).toMatchObject({ status: 'stopped', trials: { planned: 3, finished: 1 } });
    writeFileSync(go, '');
    const { execution } = await json('start', 'held.yaml');
    expect((await endOf(cloud, execution)).output.trials).toMatchObject({
      planned: 3,
      trained: 2,
      failed: 0,
      skipped: 1,
    });
    expect((await endOf(cloud, urgent.execution)).status).toBe('SUCCEEDED');
    expect(await json('verify', 'held-1')).toMatchObject({ proposals: 3, disagreements: [], missing: [] });
  },
);

describe('a schedule', () => {
  test('starts a sweep that trains with the source and data deployed, with its own rights; again it trains anew', async () => {
    const outputs = [];
    for (let starts = 0; starts < 2; starts++) {
      outputs.push((await endOf(cloud, await cloud.fire('nightly'))).output);
    }
    expect(outputs.map(({ sweepId, trials }) => ({ sweepId, trained: trials.trained }))).toEqual([
      { sweepId: expect.stringMatching(/^nightly-/), trained: 2 },
      { sweepId: expect.stringMatching(/^nightly-/), trained: 2 },
    ]);
    expect(outputs[0].sweepId).not.toBe(outputs[1].sweepId);
    expect(outputs[0].champion).toMatchObject({ promoted: true });
    const ids = outputs.map(({ sweepId }) => sweepId);
    expect(await text('compare', ...ids)).toContain(ids[0]);
    expect(await cloud.get('denied')).toEqual([]);
  });
});

describe('doctor', () => {
  const examine = async (...args: string[]) => {
    const { status, stdout, stderr } = await sweep('doctor', '--json', ...args);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return { status, stderr, wrong: findings.filter((each) => each.status === 'wrong'), findings };
  };
  const person: Caller = {
    region: 'us-east-1',
    credentials: async () => ({ accessKeyId: 'person', secretAccessKey: 'secret' }),
  };
  let image: string;

  test('of a new account finds the missing Spot role alone, and nothing once it is there', async () => {
    const { status, wrong, findings } = await examine();
    expect({ status, wrong }).toMatchObject({
      status: 1,
      wrong: [
        { check: 'Spot role', remedy: 'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com' },
      ],
    });
    image = findings.find(({ check }) => check.startsWith('image of'))!.found;
    // What the remedy makes; the emulator would give it another name.
    await query(person, 'iam', 'CreateRole', { RoleName: 'AWSServiceRoleForEC2Spot', AssumeRolePolicyDocument: '{}' });
    const after = await sweep('doctor');
    expect(after.status, after.stdout).toBe(0);
    expect(after.stdout).toMatch(/^ok +credentials: arn:aws:.* in us-east-1\nok +stack: Sweepstack, version /);
    expect(after.stdout).not.toMatch(/WRONG|unknown/);
  });

  test('names each thing that is broken, with the command that mends it', async () => {
    for (const table of items(await query(person, 'ec2', 'DescribeRouteTables'), 'routeTableSet', 'item')) {
      const isPublic = items(table, 'routeSet', 'item').some((route) => textAt(route, 'gatewayId').startsWith('igw-'));
      const route = { RouteTableId: textAt(table, 'routeTableId'), DestinationCidrBlock: '0.0.0.0/0' };
      if (isPublic) await query(person, 'ec2', 'DeleteRoute', route);
    }
    const [, repositoryName, imageTag] = /\/(.*):(.*)$/.exec(image)!;
    await askJson(person, 'ecr', 'BatchDeleteImage', { repositoryName, imageIds: [{ imageTag }] });
    await cloud.account({ quotas: { 'L-3819A6DF': 0 }, concurrency: 5 });
    await cloud.set({ broken_environments: { status: 'INVALID', statusReason: 'CLIENT_ERROR - gone' } });
    const { status, wrong } = await examine('--profile', 'gpu');
    await cloud.set({ broken_environments: {} });
    expect({ status, wrong: wrong.map(({ check, remedy }) => [check, remedy]) }).toEqual({
      status: 1,
      wrong: [
        [
          'quota: All G and VT Spot Instance Requests',
          expect.stringMatching(/--quota-code L-3819A6DF --desired-value 64$/),
        ],
        ['queue of gpu', 'change what it names, then npx cdk deploy'],
        ['subnets', expect.stringContaining('npx cdk')],
        ['image of gpu', 'npx cdk deploy'],
        ["Lambda's concurrency", expect.stringContaining('L-B99A9384')],
      ],
    });
  });

  test('says what it had no permission to ask, and takes nothing of it for wrong', async () => {
    await cloud.account({ concurrency: 1000, withheld: ['iam', 'ec2', 'servicequotas', 'lambda', 'batch', 'ecr'] });
    const { status, stderr, findings } = await examine('--profile', 'cpu');
    await cloud.account({ withheld: [] });
    expect(status, stderr).toBe(0);
    const known = findings.filter((each) => each.status === 'ok').map(({ check }) => check);
    expect(known).toEqual(['credentials', 'stack', 'bucket']);
  });

  test('without a stack says how to deploy it', async () => {
    const { stdout } = await place.sweep(['doctor', '--json', '--stack', 'Other'], { environment: cloud.environment });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false });
    expect(JSON.parse(stdout).findings).toContainEqual(
      expect.objectContaining({ check: 'stack', status: 'wrong', remedy: 'npx cdk deploy' }),
    );
  });

  test('of a stack that one may not ask about finds nothing in order, and says what it takes', async () => {
    const { status, wrong } = await examine('--stack', 'Other');
    expect({ status, wrong }).toMatchObject({
      status: 1,
      wrong: [{ check: 'stack', remedy: expect.stringContaining('-look, or name another stack with --stack') }],
    });
  });
});

describe('who may only look', () => {
  test.each([
    ['start', ['start', 'sweep.yaml'], /s3:PutObject/],
    ['remove', ['remove', 'held-1', '--yes'], /s3:DeleteObject/],
  ])('is refused %s, with the permission it takes', async (_, args, message) => {
    const { status, stderr } = await sweepWith('look', args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });
});

describe('a sweep of another stack, which left it in the bucket', () => {
  const execution = 'arn:aws:states:us-east-1:123456789012:execution:Earlier-Sweep:held-1-20260101T000000';
  const lock = { execution, owner: execution, since: '2026-01-01T00:00:00.000Z' };

  test('can be looked at by who may only ask about this one', async () => {
    await cloud.store.put('sweeps/held-1/lock.json', JSON.stringify(lock));
    expect(await sweepWith('look', ['status', 'held-1'])).toMatchObject({ status: 0, stderr: '' });
  });

  test('is not started before its lock is deleted, and that is said', async () => {
    const { status, stderr } = await sweep('start', 'held.yaml');
    await cloud.store.delete(['sweeps/held-1/lock.json']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/Earlier-Sweep.*delete sweeps\/held-1\/lock\.json from the bucket/s);
  });
});

test('who may not list jobs starts a sweep all the same, and is told what is not known', async () => {
  const restore = await cloud.revoke('Sweepstack-us-east-1-start', 'batch:ListJobs');
  const { stdout, stderr } = await sweep('start', 'held.yaml', '--json');
  await restore();
  const { ahead, execution } = JSON.parse(stdout);
  expect(ahead).toBeNull();
  expect(stderr).toMatch(/could not check what is queued ahead of this sweep: .*batch:ListJobs/);
  expect((await endOf(cloud, execution)).output.trials).toMatchObject({ planned: 3, reused: 3 });
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds()) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error('it did not come about within 30 s');
}
