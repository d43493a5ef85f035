import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_PROFILES } from '../../core/aws/profiles.ts';
import { type Cloud, type Ended, endOf, runExecution, startCloud, startExecution } from '../support/cloud.ts';

// Deploys beside sweeps that run: those go on with what they began with, the next one gets what was deployed.

const { cpu } = DEFAULT_PROFILES;
const FIRST = { profiles: { cpu }, notifications: ['team@example.com'], winners: ['lead@example.com'] };
/** Another job definition, of the same name. */
const SECOND = { ...FIRST, profiles: { cpu: { ...cpu, memoryMiB: 6000 } } };
/** A further profile, before the one in use. */
const THIRD = { ...SECOND, profiles: { another: { ...cpu, instanceTypes: ['c7i.2xlarge'] }, ...SECOND.profiles } };

let cloud: Cloud;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-deploys-'));
  cloud = await startCloud(FIRST);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await cloud?.stop();
});

/** Two rounds of trials that wait until their gate is open. */
const sweep = (name: string) => ({
  name,
  sweepId: `${name}-1`,
  search: { strategy: 'random', trials: 4, rounds: 2, space: { x: { min: 0, max: 1 } } },
  objective: { metric: 'score' },
  compute: { profile: 'cpu' },
  training: {
    command: ['sh', '-c', 'until [ -e "$GATE" ]; do sleep 0.1; done; echo "{\\"score\\": $X}" >> "$METRICS_FILE"'],
    environment: { GATE: join(folder, name) },
    epochs: 1,
  },
});
const open = (name: string) => writeFileSync(join(folder, name), '');

/** The revisions of the job definitions that the sweep's jobs were submitted with. */
async function revisionsOf(name: string): Promise<string[]> {
  const used = Object.entries(await cloud.get<Record<string, string>>('definitions'));
  return used.filter(([job]) => job.startsWith(`sweep-${name}-1-`)).map(([, arn]) => arn.split('/')[1]!);
}

async function untilRunning(): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await cloud.get<number>('running')) > 0) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error('no trial began within 30 s');
}

describe('a deploy beside a sweep that runs', () => {
  let meanwhile: Ended;
  let running: Ended;
  beforeAll(async () => {
    const arn = await startExecution(cloud, 'running', sweep('running'));
    await untilRunning();
    await cloud.deploy(SECOND);
    open('next');
    meanwhile = await runExecution(cloud, 'next', sweep('next'));
    open('running');
    running = await endOf(cloud, arn);
  });

  test('reaches the next sweep: its rounds run with the new job definition', async () => {
    expect(meanwhile).toMatchObject({ status: 'SUCCEEDED', output: { trials: { planned: 4, trained: 4 } } });
    expect(await revisionsOf('next')).toEqual(['Sweepstack-cpu:2', 'Sweepstack-cpu:2']);
  });

  test('leaves the running one its functions, its queue and its job definition, to its last round', async () => {
    expect(running).toMatchObject({ status: 'SUCCEEDED', output: { trials: { planned: 4, trained: 4 } } });
    expect(await revisionsOf('running')).toEqual(['Sweepstack-cpu:1', 'Sweepstack-cpu:1']);
    expect(await cloud.get('denied')).toEqual([]);
  });

  test('and the winner of each is told, to those who asked for winners', async () => {
    const mails = await cloud.get<{ to: string; event: { detail: { output: string } } }[]>('mails');
    const told = mails.map(({ to, event }) => ({ to, ...JSON.parse(event.detail.output) }));
    expect(told).toMatchObject([
      { to: 'lead@example.com', sweepId: 'next-1', champion: { promoted: true } },
      { to: 'lead@example.com', sweepId: 'running-1', best: running.output.best },
    ]);
  });
});

describe('a deploy that goes back while a sweep runs', () => {
  let meanwhile: Ended;
  let running: Ended;
  beforeAll(async () => {
    const arn = await startExecution(cloud, 'newer', sweep('newer'));
    await untilRunning();
    await cloud.deploy(FIRST);
    open('older');
    meanwhile = await runExecution(cloud, 'older', sweep('older'));
    open('newer');
    running = await endOf(cloud, arn);
    await cloud.deploy(SECOND);
  });

  test('leaves the running one what it began with, and gives the next one what was there before', async () => {
    expect([running, meanwhile].map(({ status, output }) => [status, output.trials.trained])).toEqual([
      ['SUCCEEDED', 4],
      ['SUCCEEDED', 4],
    ]);
    expect(await revisionsOf('newer')).toEqual(['Sweepstack-cpu:2', 'Sweepstack-cpu:2']);
    // The size of the first deploy, in a revision of its own: revisions are never used again.
    expect(await revisionsOf('older')).toEqual(['Sweepstack-cpu:3', 'Sweepstack-cpu:3']);
  });
});

describe('a sweep that failed for want of a right, before a deploy', () => {
  let failed: Ended;
  beforeAll(async () => {
    const arn = await startExecution(cloud, 'failing', sweep('failing'));
    await untilRunning();
    const restore = await cloud.revoke('SweepRole', 'lambda:InvokeFunction');
    open('failing');
    failed = await endOf(cloud, arn);
    await restore();
    await cloud.deploy(THIRD);
  });

  test('is told by mail', async () => {
    expect(failed.status).toBe('FAILED');
    const mails = await cloud.get<{ to: string; event: { detail: object } }[]>('mails');
    const told = mails.filter(({ to }) => to === 'team@example.com').map(({ to, event }) => ({ to, ...event.detail }));
    expect(told).toMatchObject([{ to: 'team@example.com', executionArn: failed.arn, status: 'FAILED' }]);
  });

  test('goes on where it stopped when it is redriven, with what it began with', async () => {
    await cloud.aws('stepfunctions', 'redrive-execution', '--execution-arn', failed.arn);
    const { status, output } = await endOf(cloud, failed.arn);
    expect(status).toBe('SUCCEEDED');
    expect(output.trials).toMatchObject({ planned: 4, trained: 4, failed: 0 });
    expect(await revisionsOf('failing')).toEqual(['Sweepstack-cpu:4', 'Sweepstack-cpu:4']);
  });
});

describe('a deploy that names the bucket which the stack made', () => {
  let next: Ended;
  beforeAll(async () => {
    await cloud.deploy({ ...THIRD, bucket: cloud.store.url.replace('s3://', '') });
    next = await runExecution(cloud, 'next-again', sweep('next'));
  });

  test('is taken, and the sweeps of before go on there', () => {
    expect(next.status, next.cause).toBe('SUCCEEDED');
    expect(next.output).toMatchObject({ trials: { trained: 0, reused: 4 } });
  });
});
