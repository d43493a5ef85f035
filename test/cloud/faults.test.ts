import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as keys from '../../core/layout/keys.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type Cloud, endOf, historyOf, runExecution, startCloud, startExecution } from '../support/cloud.ts';
import { type Engine, localEngine, run } from '../support/engines.ts';
import * as programs from './programs.ts';

// What only AWS does to a sweep: hosts that go, submissions that are throttled or refused, permissions that are missing.

let cloud: Cloud;
let local: Engine;
beforeAll(async () => {
  cloud = await startCloud();
  local = await localEngine();
});
afterAll(async () => {
  await local?.stop();
  await cloud?.stop();
});

const text = async (key: string) => (await cloud.store.get(key))?.body.toString() ?? null;
const jobsOf = async (sweepId: string) =>
  (await cloud.get<string[]>('submitted')).filter((name) => name.startsWith(`sweep-${sweepId}-`));

/** The metrics lines of the trial with this x, from its best attempt. */
async function metricsOf(sweepId: string, x: number, epochs: number): Promise<{ from: number }[]> {
  const { trials } = JSON.parse((await text(keys.leaderboardKey(sweepId)))!);
  const { id } = trials.find(({ parameters }: { parameters: { x: number } }) => parameters.x === x);
  const { attempt } = JSON.parse((await text(keys.resultKey(sweepId, id, epochs)))!);
  const lines = (await text(`${keys.attemptPrefix(sweepId, id, attempt)}metrics.jsonl`))!;
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('hosts that go, with several trials on each', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-storm-'));
  const gate = join(folder, 'open');
  const storm = programs.storm(gate);
  beforeAll(async () => {
    // The four lanes of the first child lose their host, the second child is told to end.
    await cloud.set({ reclaims: [[0, 1]], terms: [[1, 1]] });
    await run(local, storm);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await cloud.set({ reclaims: [], terms: [] });
  });

  /** Trials whose second epoch is in the store, and not their third. */
  async function inTheMiddle(sweepId: string): Promise<number> {
    let count = 0;
    for await (const { key } of cloud.store.list(keys.sweepCheckpointsPrefix(sweepId)))
      if (key.endsWith('/checkpoint.json')) {
        const { metrics } = JSON.parse((await text(key)) ?? '{"metrics":""}');
        if (metrics.trim().split('\n').length === 2) count++;
      }
    return count;
  }

  /** Runs it, and lets the hosts go when all that they train is stored to its second epoch. */
  async function inStorm(name: string, spec: typeof storm) {
    const execution = await startExecution(cloud, name, spec);
    await expect.poll(() => inTheMiddle(spec.sweepId), { timeout: 90_000, interval: 500 }).toBe(5);
    writeFileSync(gate, '');
    const end = await endOf(cloud, execution);
    rmSync(gate);
    return end;
  }

  test('cost nothing but time: each trial goes on from its checkpoint, and the leaderboard is that of a calm run', async () => {
    const { status, output } = await inStorm('storm', storm);
    expect(status).toBe('SUCCEEDED');
    expect(output.trials).toEqual({ planned: 6, trained: 6, reused: 0, failed: 0 });
    const calm = (await local.store.get(keys.leaderboardKey('storm-1')))?.body.toString();
    expect(await text(keys.leaderboardKey('storm-1'))).toBe(calm);
    for (const x of [1, 2, 3, 4, 5])
      expect((await metricsOf('storm-1', x, 3)).map(({ from }) => from)).toEqual([0, 0, 2]);
    expect((await metricsOf('storm-1', 6, 3)).map(({ from }) => from)).toEqual([0, 0, 0]);
    expect(await jobsOf('storm-1')).toHaveLength(1);
  });

  test('more often than compute.attempts allows are named as what they are, and the resumed sweep goes on', async () => {
    const spec = { ...storm, name: 'lost', sweepId: 'lost-1', tolerance: { failedTrials: 0 } };
    const once = { ...spec, compute: { ...spec.compute, attempts: 1 } };
    const { status, error, cause } = await inStorm('lost-a', once);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'ToleranceExceeded' });
    expect(cause).toMatch(/5 of 6 trials failed \(5 interrupted, .*\); tolerance/);
    expect(cause).toMatch(/Host EC2 \(instance i-[0-9a-f]+\) terminated/);
    expect(cause).toMatch(/raise compute.attempts/);
    await cloud.set({ reclaims: [], terms: [] });
    const { output } = await runExecution(cloud, 'lost-b', spec);
    expect(output.trials).toEqual({ planned: 6, trained: 5, reused: 1, failed: 0 });
    for (const x of [1, 5]) expect((await metricsOf('lost-1', x, 3)).map(({ from }) => from)).toEqual([0, 0, 2]);
  });
});

test('an asynchronous search goes on after a stop and a lost host, and ends as on this machine, byte for byte', {
  timeout: 180_000,
}, async () => {
  const { search, checkpoints } = sweepObjects(cloud.store, 'free-1');
  const stopped = await startExecution(cloud, 'free-a', programs.free);
  const best = async () => [...(await search.points())].find(([, { parameters }]) => parameters['x'] === 6)?.[0] ?? '';
  const held = async () => checkpoints.ofUnit(await best(), { epochs: 2, generation: 1 }).manifest();
  await expect.poll(held, { timeout: 120_000, interval: 500 }).not.toBeNull();
  await cloud.aws('stepfunctions', 'stop-execution', '--execution-arn', stopped);
  await endOf(cloud, stopped);

  await cloud.set({ reclaims: [[0, 1]] });
  const { status, output } = await runExecution(cloud, 'free-b', programs.free);
  await cloud.set({ reclaims: [] });
  expect(status, JSON.stringify(output)).toBe('SUCCEEDED');
  expect(output).toMatchObject({
    trials: { planned: 6, failed: 0 },
    best: { parameters: { x: 6 }, value: 64 },
  });
  await run(local, programs.free);
  const calm = (await local.store.get(keys.leaderboardKey('free-1')))?.body.toString();
  expect(await text(keys.leaderboardKey('free-1'))).toBe(calm);
  expect(await jobsOf('free-1')).toHaveLength(2);
  // What lost its host had its second epoch, and not the one before.
  expect((await metricsOf('free-1', 5, 2)).map(({ from }) => from)).toEqual([0, 1]);
  const denied = await cloud.get<[role: string, action: string, resource: string][]>('denied');
  expect(denied.filter(([role]) => role.startsWith('FunctionsPlan'))).toEqual([]);
});

test('containers that never ran their trial are classed by what Batch says of them', async () => {
  await cloud.set({
    ends: {
      0: { statusReason: 'Task failed to start', reason: 'CannotPullContainerError: pull access denied for trainer' },
      1: {
        statusReason: 'Essential container in task exited',
        reason: 'OutOfMemoryError: Container killed due to memory usage',
        exitCode: 137,
      },
      2: { statusReason: 'Job attempt duration exceeded timeout' },
      3: { statusReason: 'Task failed to start', reason: 'ResourceInitializationError: unable to pull secrets' },
    },
  });
  const spec = { ...programs.grid, name: 'ends', sweepId: 'ends-1' };
  const { status, error } = await runExecution(cloud, 'ends', spec);
  await cloud.set({ ends: {} });
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'ToleranceExceeded' });
  const { failures } = JSON.parse((await text(keys.runMetadataKey('ends-1')))!);
  const found = failures.map((group: { class: string; example: { trial: number } }) => [
    group.example.trial,
    group.class,
  ]);
  expect(Object.fromEntries(found)).toEqual({ 0: 'image-pull', 1: 'out-of-memory', 2: 'timeout', 3: 'lost' });
});

describe('submission', () => {
  test('that is throttled is tried again, and submits one job', async () => {
    await cloud.set({ throttled: 2 });
    const { status } = await runExecution(cloud, 'throttled', {
      ...programs.single,
      name: 't',
      sweepId: 'throttled-1',
    });
    expect(status).toBe('SUCCEEDED');
    expect(await jobsOf('throttled-1')).toHaveLength(1);
  });

  test("that is refused fails the execution with Batch's own error; the sweep goes on when it is allowed", async () => {
    const spec = { ...programs.single, name: 'refused', sweepId: 'refused-1' };
    const restore = await cloud.revoke('SweepRole', 'batch:SubmitJob');
    try {
      const { status, error, cause } = await runExecution(cloud, 'refused-a', spec);
      expect({ status, error }).toEqual({ status: 'FAILED', error: 'Batch.AccessDeniedException' });
      expect(cause).toMatch(/batch:SubmitJob/);
    } finally {
      await restore();
    }
    expect((await runExecution(cloud, 'refused-b', spec)).status).toBe('SUCCEEDED');
  });
});

describe('what nobody waits for any more is ended', () => {
  /** Trials that run until their gate is open, or until they are told to end. */
  const waiting = (name: string, gate: string) => ({
    ...programs.single,
    name,
    sweepId: `${name}-1`,
    search: { space: { x: [1, 2] } },
    training: { command: ['sh', '-c', `until [ -e ${gate} ]; do sleep 0.1; done; ${programs.SCORE}`], epochs: 1 },
  });
  const running = () => cloud.get<number>('running');
  const eventually = { timeout: 60_000, interval: 200 };

  test('when an execution is stopped, and only its own', async () => {
    const gate = join(mkdtempSync(join(tmpdir(), 'sweepstack-gate-')), 'open');
    const alive = await startExecution(cloud, 'alive', waiting('alive', gate));
    await expect.poll(running, eventually).toBe(2);
    const dead = await startExecution(cloud, 'dead', waiting('dead', gate));
    await expect.poll(running, eventually).toBe(4);
    await cloud.aws('stepfunctions', 'stop-execution', '--execution-arn', dead);
    await expect.poll(running, eventually).toBe(2);
    writeFileSync(gate, '');
    const { status, output } = await endOf(cloud, alive);
    rmSync(dirname(gate), { recursive: true });
    expect({ status, trials: output.trials }).toMatchObject({ status: 'SUCCEEDED', trials: { trained: 2, failed: 0 } });
  });

  test('when a job takes longer than the state machine waits', async () => {
    const named = ['--state-machine-arn', cloud.stateMachine];
    const { definition } = JSON.parse(await cloud.aws('stepfunctions', 'describe-state-machine', ...named));
    const impatient = definition.replaceAll('"TimeoutSeconds":2592000', '"TimeoutSeconds":2');
    expect(impatient).not.toBe(definition);
    await cloud.aws('stepfunctions', 'update-state-machine', ...named, '--definition', impatient);
    const { status, arn } = await runExecution(cloud, 'slow', waiting('slow', '/nowhere'));
    await cloud.aws('stepfunctions', 'update-state-machine', ...named, '--definition', definition);
    expect(status).toBe('FAILED');
    const entered = JSON.stringify(await historyOf(cloud, arn));
    for (const state of ['ReleaseShard', 'AggregatePartition']) expect(entered).toContain(`"name":"${state}"`);
    await expect.poll(running, eventually).toBe(0);
    const denied = await cloud.get<[role: string, action: string, resource: string][]>('denied');
    expect(denied.filter(([role]) => role.startsWith('FunctionsRelease'))).toEqual([]);
  }, 180_000);
});

describe('a missing key', () => {
  test('is answered by 403 to a job role without s3:ListBucket: the sweep says what to allow, and goes on then', async () => {
    const spec = { ...programs.single, name: 'blind', sweepId: 'blind-1' };
    const restore = await cloud.revoke('JobsJobRole', 's3:ListBucket');
    try {
      const { status, cause } = await runExecution(cloud, 'blind-a', spec);
      expect(status).toBe('FAILED');
      expect(cause).toMatch(
        /1 of 1 trials failed \(1 data-denied\).*has no permission to use the store.*allow the job role/,
      );
      expect(await text(keys.leaderboardKey('blind-1'))).toContain('"value":null');
    } finally {
      await restore();
    }
    expect((await runExecution(cloud, 'blind-b', spec)).output.best.value).toBe(5);
  });
});

describe('a lock of another stack, whose executions this one may not ask about', () => {
  test('is told with what to do, and the sweep goes on once it is deleted', async () => {
    const spec = { ...programs.single, name: 'moved', sweepId: 'moved-1' };
    const execution = 'arn:aws:states:us-east-1:123456789012:execution:Earlier-Sweep:moved-1-20260101T000000';
    const since = '2026-01-01T00:00:00.000Z';
    const lock = { execution, owner: execution, since, refreshed: since };
    await cloud.store.put(keys.lockKey('moved-1'), JSON.stringify(lock));
    const { status, error, cause } = await runExecution(cloud, 'moved-a', spec);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'SweepLocked' });
    expect(cause).toContain(execution);
    expect(cause).toMatch(/delete sweeps\/moved-1\/lock\.json/);
    await cloud.store.delete([keys.lockKey('moved-1')]);
    expect((await runExecution(cloud, 'moved-b', spec)).status).toBe('SUCCEEDED');
  });
});

describe('the least that the console takes', () => {
  test('is a space and data; without a GPU it fails by name rather than train on a CPU', async () => {
    await cloud.store.put('data/images/a.txt', 'a');
    const { status, error, cause } = await runExecution(cloud, 'least', {
      search: { space: { learning_rate: [0.001, 0.01] } },
      training: { data: `${cloud.store.url}/data/images` },
    });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'ToleranceExceeded' });
    expect(cause).toMatch(/2 of 2 trials failed \(2 too-few-gpus\)/);
  });

  test('fails in the first state where it is wrong, with the field, what it received and what to do', async () => {
    const { error, cause } = await runExecution(cloud, 'wrong', {
      search: { space: { learning_rate: [0.001] } },
      training: { dta: 's3://b/d' },
    });
    expect(error).toBe('BadInput');
    expect(cause).toMatch(/training\.dta.*did you mean.*data/);
  });
});

/** MANY_TRIALS=1000 takes minutes: each trial is a process. */
const MANY = Number(process.env['MANY_TRIALS'] ?? 20);

describe(`a sweep of ${MANY} trials in one round`, () => {
  test('takes one job and at most 30 transitions', { timeout: 300_000 }, async () => {
    const { status, output, arn } = await runExecution(
      cloud,
      'many',
      {
        ...programs.grid,
        name: 'many',
        sweepId: 'many-1',
        search: { strategy: 'grid', space: { x: { min: 1, max: MANY, step: 1, type: 'integer' } } },
      },
      280,
    );
    expect(status).toBe('SUCCEEDED');
    expect(output.trials).toEqual({ planned: MANY, trained: MANY, reused: 0, failed: 0 });
    expect(output.best.value).toBe(MANY);
    expect(await jobsOf('many-1')).toHaveLength(1);
    const history = await historyOf(cloud, arn);
    const transitions = history.filter(({ type = '' }) => /StateEntered$/.test(type)).length;
    console.log(`${MANY} trials, one round: ${transitions} transitions, ${history.length} events, one SubmitJob`);
    expect(transitions).toBeLessThanOrEqual(30);
  });
});
