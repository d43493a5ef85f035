import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { leaderboardKey, lockKey } from '../../core/layout/keys.ts';
import { newLock, STALE_SECONDS } from '../../core/layout/lock.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { SpecInput } from '../../core/spec/spec.ts';
import type { SweepEvent } from '../../core/sweep/events.ts';
import { createHandlers } from '../../lambdas/handlers.ts';
import { executionOf, type Owner, thisMachine, thisOwner } from '../../local/owner.ts';
import { runSweep, type SweepRun } from '../../local/run-sweep.ts';
import { workFolderOf } from '../../local/work-folders.ts';
import { openStore } from '../../storage/open.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { fakeRunner, type Train } from './fake-trial.ts';
import { NEVER, slots, turns, until } from './fakes.ts';

const SWEEP = 'digits-1';
const ONE_SLOT = { slots: slots(1), requiredGpus: 0, description: '1 CPU slot' };
let workdir: string;
let store: ObjectStore;
let events: SweepEvent[];

beforeEach(async () => {
  workdir = await mkdtemp(join(tmpdir(), 'sweep-local-'));
  store = await openStore(pathToFileURL(join(workdir, 'store')).href);
  events = [];
});
afterEach(() => rm(workdir, { recursive: true, force: true }));

const byRate: Train = async ({ parameters }) => Number(parameters['rate']);

function sweep(train: Train = byRate, more: Partial<SweepRun> = {}, spec: Partial<SpecInput> = {}): SweepRun {
  const input: SpecInput = {
    sweepId: SWEEP,
    search: { space: { rate: [0.1, 0.3, 0.2, 0.4] } },
    training: { command: ['true'] },
    ...spec,
  };
  return {
    spec: { ...resolveSpec(input), sweepId: SWEEP },
    store,
    workdir,
    cacheFolder: join(workdir, 'cache'),
    inherited: {},
    slots: { slots: slots(2), requiredGpus: 0, description: '2 CPU slots' },
    builtInCommand: async () => ['true'],
    identifyData: async (uri) => ({ uri, digest: 'd', files: 1, bytes: 1 }),
    signal: NEVER,
    onEvent: (event) => events.push(event),
    createHandlers,
    runTrial: fakeRunner(SWEEP, train),
    ...more,
  };
}

const ofType = <T extends SweepEvent['type']>(type: T) =>
  events.filter((event): event is Extract<SweepEvent, { type: T }> => event.type === type);

/** Trains until it is told to stop; `started` counts those that wait. */
function endless() {
  const controller = new AbortController();
  let ended = 0;
  const train: Train = (_, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', async () => {
        await turns(5);
        ended++;
        resolve('interrupted');
      });
    });
  return { controller, train, ended: () => ended };
}

describe('a sweep on this machine', () => {
  test('trains every trial, ranks them and answers what promotion says', async () => {
    const end = await runSweep(sweep());
    expect(end).toMatchObject({
      status: 'succeeded',
      output: {
        sweepId: SWEEP,
        trials: { planned: 4, trained: 4, reused: 0, failed: 0 },
        best: { parameters: { rate: 0.4 }, value: 0.4 },
      },
    });
    expect(await store.get(leaderboardKey(SWEEP))).not.toBeNull();
  });

  test('tells of it in events, first to last', async () => {
    await runSweep(sweep());
    expect(events[0]).toMatchObject({ type: 'execution-started', sweepId: SWEEP, machine: '2 CPU slots' });
    expect(ofType('round-planned')).toEqual([
      { type: 'round-planned', round: 0, kind: 'search', trials: 4, reused: 0, epochs: 10 },
    ]);
    expect(ofType('trial-started')).toHaveLength(4);
    expect(new Set(ofType('trial-started').map(({ slot }) => slot))).toEqual(new Set([0, 1]));
    expect(ofType('trial-metrics')).toHaveLength(4);
    expect(ofType('trial-ended').map(({ status, reused }) => [status, reused])).toEqual(
      Array(4).fill(['succeeded', false]),
    );
    expect(ofType('round-collected')).toEqual([
      { type: 'round-collected', round: 0, partition: 0, succeeded: 4, failed: 0 },
    ]);
    expect(ofType('round-selected')).toMatchObject([{ decision: 'promote' }]);
    expect(events.at(-1)).toMatchObject({ type: 'sweep-ended', status: 'succeeded' });
  });

  test('goes through several rounds', async () => {
    await runSweep(sweep(byRate, {}, { search: { space: { rate: { min: 0.1, max: 1 } }, trials: 6, rounds: 3 } }));
    expect(ofType('round-planned').map(({ round, trials }) => [round, trials])).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
  });

  test('trains nothing twice when it is run again', async () => {
    await runSweep(sweep());
    const end = await runSweep(sweep(() => expect.fail('a trial was trained again')));
    expect(end).toMatchObject({ status: 'succeeded', output: { trials: { trained: 0, reused: 4 } } });
  });

  test('leaves neither a lock nor a work folder', async () => {
    await runSweep(sweep());
    expect(await store.get(lockKey(SWEEP))).toBeNull();
    expect(await readdir(join(workdir, 'work'))).toEqual([]);
  });

  test('a renderer that throws does not end it', async () => {
    const onEvent = () => {
      throw new Error('broken pipe');
    };
    expect((await runSweep(sweep(byRate, { onEvent }))).status).toBe('succeeded');
  });

  test('asks for the built-in trainer once, however many trials ask', async () => {
    let made = 0;
    const builtInCommand = async () => [`python${++made}`];
    const train: Train = async (_, run) => Number((await run.builtInCommand())[0]!.slice(-1));
    await runSweep(sweep(train, { builtInCommand }));
    expect(made).toBe(1);
  });
});

describe('trials that fail', () => {
  test('are tolerated up to the share, and the others count', async () => {
    const end = await runSweep(sweep(async ({ trial }) => (trial === 1 ? null : 0.5)));
    expect(end).toMatchObject({ status: 'succeeded', output: { trials: { planned: 4, failed: 1 } } });
    expect(ofType('trial-ended').find(({ trial }) => trial === 1)).toMatchObject({
      status: 'failed',
      value: null,
      failure: { class: 'exit-status' },
    });
  });

  test('above it fail the sweep, which says why', async () => {
    const end = await runSweep(sweep(async ({ trial }) => (trial < 2 ? null : 0.5)));
    expect(end).toMatchObject({ status: 'failed', error: 'ToleranceExceeded' });
    expect((end as { cause: string }).cause).toMatch(/^2 of 4 trials failed/);
    expect(await store.get(lockKey(SWEEP))).toBeNull();
  });

  test('a trial that is interrupted from outside is tried again', async () => {
    const train: Train = async (_, { environment }) =>
      environment['AWS_BATCH_JOB_ATTEMPT'] === '1' ? 'interrupted' : 0.5;
    expect((await runSweep(sweep(train))).status).toBe('succeeded');
    expect(ofType('trial-interrupted')).toHaveLength(4);
    expect(ofType('trial-ended')).toHaveLength(4);
  });

  test('children of several trials end in the same bytes, and go on where they were interrupted', async () => {
    const bytes = async () => (await store.get(leaderboardKey(SWEEP)))!.body.toString();
    await runSweep(sweep());
    const plain = await bytes();
    for await (const { key } of store.list('')) await store.delete([key]);
    events.length = 0;
    const stop = new AbortController();
    const trained: number[] = [];
    const stopped: Train = async ({ trial, parameters }, { signal }) => {
      trained.push(trial);
      if (trained.length === 2) stop.abort();
      return signal.aborted ? 'interrupted' : Number(parameters['rate']);
    };
    const spec = { compute: { trialsPerJob: 3 } };
    const run = (train: Train) => sweep(train, { slots: ONE_SLOT, signal: stop.signal }, spec);
    expect((await runSweep(run(stopped))).status).toBe('interrupted');
    expect(trained).toEqual([0, 1]);
    const again = sweep(byRate, { slots: ONE_SLOT }, spec);
    expect((await runSweep(again)).status).toBe('succeeded');
    expect(ofType('trial-ended').map(({ trial }) => trial)).toEqual([0, 1, 2, 3]);
    expect(await bytes()).toBe(plain);
  });

  test.each(['grid', 'random', 'sobol'] as const)('lanes change no byte of the leaderboard of %s', async (strategy) => {
    const search = {
      strategy,
      ...(strategy === 'grid' ? {} : { trials: 9 }),
      space: { rate: Array.from({ length: 9 }, (_, index) => index / 10) },
    };
    const boardOf = async (compute: SpecInput['compute']) => {
      await runSweep(sweep(byRate, {}, { search, compute }));
      const board = (await store.get(leaderboardKey(SWEEP)))!.body.toString();
      for await (const { key } of store.list('')) await store.delete([key]);
      return board;
    };
    const plain = await boardOf({});
    expect(JSON.parse(plain).trials).toHaveLength(9);
    expect(await boardOf({ trialsPerGpu: 4 })).toBe(plain);
  });

  test('a runner that cannot start is told of, and its trial counts as lost', async () => {
    const real = fakeRunner(SWEEP, byRate);
    const runTrial: SweepRun['runTrial'] = async (run, unit) => {
      if (run.environment['AWS_BATCH_JOB_ARRAY_INDEX'] === '0') throw new Error('no space left');
      return real(run, unit);
    };
    const end = await runSweep(sweep(byRate, { runTrial }));
    expect(end).toMatchObject({ status: 'succeeded', output: { trials: { failed: 1 } } });
    expect(ofType('child-lost').map(({ attempt, reason }) => [attempt, reason])).toEqual([
      [1, 'no space left'],
      [2, 'no space left'],
      [3, 'no space left'],
    ]);
  });
});

describe('bad input', () => {
  test('fails by name before anything is trained', async () => {
    await runSweep(sweep());
    const end = await runSweep(sweep(byRate, {}, { search: { space: { rate: [0.1, 0.9] } } }));
    expect(end).toMatchObject({ status: 'failed', error: 'BadInput' });
    expect((end as { cause: string }).cause).toMatch(/^search\.space\.rate\.choices: received/);
  });

  test('a sweep that a living process owns is refused by its name', async () => {
    const { pid, start } = await thisOwner();
    const execution = `local:elsewhere:${pid}:${start}`;
    await store.put(lockKey(SWEEP), JSON.stringify({ execution, owner: execution, since: 'today' }));
    const end = await runSweep(sweep());
    expect(end).toMatchObject({ status: 'failed', error: 'SweepLocked' });
    expect((end as { cause: string }).cause).toContain(execution);
    expect(await store.get(lockKey(SWEEP))).not.toBeNull();
  });

  test('the lock of a process that was killed is taken over', async () => {
    const execution = executionOf({ ...(await thisOwner()), start: '1' });
    await store.put(lockKey(SWEEP), JSON.stringify({ execution, owner: execution, since: 'today' }));
    expect((await runSweep(sweep())).status).toBe('succeeded');
  });

  describe('that a run of another machine owns', () => {
    const ELSEWHERE: Owner = { host: 'elsewhere', pid: process.pid, start: '1', space: '00000000' };
    const held = async (owner: Owner, secondsAgo: number) => {
      const lock = newLock(executionOf(owner), new Date(Date.now() - secondsAgo * 1000).toISOString());
      await store.put(lockKey(SWEEP), JSON.stringify(lock));
      const folder = workFolderOf(workdir, owner);
      await mkdir(folder, { recursive: true });
      return folder;
    };

    test('is refused while its lock is refreshed, and the refusal says how to take it over', async () => {
      await held(ELSEWHERE, 5);
      const end = await runSweep(sweep());
      expect(end).toMatchObject({ status: 'failed', error: 'SweepLocked' });
      expect((end as { cause: string }).cause).toMatch(/local:elsewhere:.*last heard from 5 s ago.*--take-over/);
    });

    test('is taken over once its lock is not refreshed any more, and the work folder goes', async () => {
      const folder = await held(ELSEWHERE, STALE_SECONDS + 1);
      expect((await runSweep(sweep())).status).toBe('succeeded');
      expect(existsSync(folder)).toBe(false);
    });

    test('is taken over when a person says so, and the work folder goes', async () => {
      const folder = await held(ELSEWHERE, 5);
      expect((await runSweep(sweep(byRate, { takeOver: true }))).status).toBe('succeeded');
      expect(existsSync(folder)).toBe(false);
      expect(await store.get(lockKey(SWEEP))).toBeNull();
    });

    test('is taken over when a person says so, though it is of a release that never refreshed', async () => {
      const execution = 'local:elsewhere:1:1';
      await store.put(lockKey(SWEEP), JSON.stringify({ execution, owner: execution, since: '2026-01-01' }));
      expect((await runSweep(sweep(byRate, { takeOver: true }))).status).toBe('succeeded');
    });
  });

  test('a process that lives here keeps its sweep, whatever a person says', async () => {
    const child = spawn('sleep', ['60']);
    onTestFinished(() => void child.kill('SIGKILL'));
    const start = await thisMachine.startOf(child.pid!);
    const execution = executionOf({ ...(await thisOwner()), pid: child.pid!, start: start! });
    await store.put(lockKey(SWEEP), JSON.stringify(newLock(execution, '2026-01-01T00:00:00Z')));
    expect(await runSweep(sweep(byRate, { takeOver: true }))).toMatchObject({ error: 'SweepLocked' });
  });

  test('a run whose sweep was taken over writes no results, and ends', async () => {
    const usurper = newLock('local:elsewhere:1:1.00000000', new Date().toISOString());
    const train: Train = async ({ parameters }) => {
      await store.put(lockKey(SWEEP), JSON.stringify(usurper));
      return Number(parameters['rate']);
    };
    const end = await runSweep(sweep(train));
    expect(end).toMatchObject({ status: 'failed', error: 'SweepLocked' });
    expect((end as { cause: string }).cause).toMatch(/was taken over by local:elsewhere/);
    expect(await store.get(leaderboardKey(SWEEP))).toBeNull();
    expect(JSON.parse((await store.get(lockKey(SWEEP)))!.body.toString())).toEqual(usurper);
  });
});

describe('an interruption', () => {
  test('ends every trial, waits for them, and lets the sweep go', async () => {
    const { controller, train, ended } = endless();
    const end = runSweep(sweep(train, { signal: controller.signal }));
    await until(() => ofType('trial-started').length === 2);
    controller.abort();
    expect(await end).toEqual({ status: 'interrupted' });
    expect(ended()).toBe(2);
    expect(ofType('trial-started')).toHaveLength(2);
    expect(await store.get(lockKey(SWEEP))).toBeNull();
    expect(await readdir(join(workdir, 'work'))).toEqual([]);
  });

  test('is gone on from by the next run', async () => {
    const controller = new AbortController();
    const train: Train = async ({ trial }, { signal }) => {
      if (trial < 2) return 0.5;
      controller.abort();
      await until(() => signal.aborted);
      return 'interrupted';
    };
    const first = sweep(train, { signal: controller.signal, slots: ONE_SLOT });
    expect(await runSweep(first)).toEqual({ status: 'interrupted' });
    const end = await runSweep(sweep());
    expect(end).toMatchObject({ status: 'succeeded', output: { trials: { trained: 2, reused: 2 } } });
  });

  test('a second one does not wait', async () => {
    const { controller } = endless();
    const force = new AbortController();
    const stuck: Train = () => new Promise(() => {});
    const end = runSweep(sweep(stuck, { signal: controller.signal, force: force.signal }));
    await until(() => ofType('trial-started').length === 2);
    controller.abort();
    force.abort();
    expect(await end).toEqual({ status: 'interrupted' });
  });

  test('before the start trains nothing', async () => {
    expect(await runSweep(sweep(byRate, { signal: AbortSignal.abort() }))).toEqual({ status: 'interrupted' });
    expect(ofType('trial-started')).toEqual([]);
  });
});

describe('work folders', () => {
  test('every attempt gets one of its own, and none is left', async () => {
    const folders = new Set<string>();
    const train: Train = async (_, { workFolder }) => {
      folders.add(workFolder);
      await mkdir(workFolder, { recursive: true });
      await writeFile(join(workFolder, 'file'), 'x');
      return 1;
    };
    await runSweep(sweep(train));
    expect(folders.size).toBe(4);
    expect([...folders].filter((folder) => existsSync(folder))).toEqual([]);
  });

  test('what a killed run left is removed; what has an owner, or none that we know, stays', async () => {
    const dead = `${process.pid}-1.${thisMachine.space}-${thisMachine.host}`;
    const deadOfEarlierRelease = `${process.pid}-1-${thisMachine.host}`;
    const stays = ['1-1-elsewhere', '1-1.00000000-elsewhere', 'notes'];
    for (const name of [dead, deadOfEarlierRelease, ...stays])
      await mkdir(join(workdir, 'work', name), { recursive: true });
    await runSweep(sweep());
    expect((await readdir(join(workdir, 'work'))).sort()).toEqual(stays);
  });

  test('what another machine left is removed when its run has not touched it for long', async () => {
    const folder = join(workdir, 'work', '1-1.00000000-elsewhere');
    await mkdir(folder, { recursive: true });
    const long = Date.now() / 1000 - STALE_SECONDS - 1;
    await utimes(folder, long, long);
    await runSweep(sweep());
    expect(existsSync(folder)).toBe(false);
  });
});
