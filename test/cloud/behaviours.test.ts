import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as keys from '../../core/layout/keys.ts';
import { dollarsText } from '../../core/money/dollars.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { type Cloud, startCloud } from '../support/cloud.ts';
import { awsEngine, type Engine, localEngine, type RunningSweep, run } from '../support/engines.ts';
import * as programs from './programs.ts';

// One suite, two engines: this machine, and the synthesized template deployed beside the tests and started by the AWS
// command line. What a sweep decides must not depend on where it runs.

let cloud: Cloud;
const engines: Record<string, Engine> = {};
/** leaderboard.json, by sweep and engine. */
const leaderboards: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  cloud = await startCloud();
  engines['local'] = await localEngine();
  engines['aws'] = awsEngine(cloud);
});
afterAll(async () => {
  await engines['local']?.stop();
  await cloud?.stop();
});

const text = async (store: ObjectStore, key: string) => (await store.get(key))?.body.toString() ?? null;

interface Board {
  readonly trials: readonly {
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly status: string;
    readonly failureClass?: string;
  }[];
}

describe.each(['local', 'aws'])('%s', (name) => {
  const engine = () => engines[name]!;

  async function keysBelow(prefix: string): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of engine().store.list(prefix)) found.push(key);
    return found;
  }

  /** What the programs write to MODEL_DIR, at a model's address. */
  const modelAt = (address: string) =>
    text(engine().store, `${address.slice(engine().store.url.length + 1).replace(/\/$/, '')}/x`);

  async function keep(sweepId: string): Promise<Board> {
    const board = await text(engine().store, keys.leaderboardKey(sweepId));
    leaderboards[sweepId] = { ...leaderboards[sweepId], [name]: board ?? 'none' };
    return JSON.parse(board ?? 'null');
  }

  test('a grid: every trial trained, the best chosen, its model promoted', async () => {
    const { status, output } = await run(engine(), programs.grid);
    expect(status, JSON.stringify(output)).toBe('succeeded');
    expect(output).toMatchObject({
      sweepId: 'grid-1',
      trials: { planned: 6, trained: 6, reused: 0, failed: 0 },
      best: { parameters: { x: 6 }, metric: 'score', value: 6 },
      champion: { promoted: true },
    });
    const { trials } = await keep('grid-1');
    expect(trials.map(({ parameters }) => parameters['x'])).toEqual([6, 5, 4, 3, 2, 1]);
    const model = output.champion.model.slice(engine().store.url.length + 1);
    expect(await text(engine().store, `${model.replace(/\/$/, '')}/x`)).toBe('6\n');
    expect(await text(engine().store, keys.reportKey('grid-1'))).toContain('<html');
  });

  test('three rounds', async () => {
    const { status, output } = await run(engine(), programs.rounds);
    expect(status).toBe('succeeded');
    expect(output.trials).toMatchObject({ planned: 7, trained: 7 });
    expect(await text(engine().store, keys.shardKey('rounds-1', 2, 0))).not.toBeNull();
    await keep('rounds-1');
  });

  test('halving: the best go on from their own checkpoints, and are confirmed', async () => {
    const { status, output } = await run(engine(), programs.halving);
    expect(status, JSON.stringify(output)).toBe('succeeded');
    // Every seed gives the same value: x times 10, and 4 epochs.
    expect(output).toMatchObject({
      trials: { planned: 8, trained: 8, failed: 0 },
      best: { parameters: { x: 6 }, value: 64, confirmed: { spread: 0, seeds: 2 } },
    });
    const attempts = await keysBelow(keys.trialsPrefix('halving-1'));
    const metrics = attempts.filter((key) => key.includes(output.best.trialId) && key.endsWith('metrics.jsonl'));
    const froms = await Promise.all(
      metrics.map(async (key) => JSON.parse((await text(engine().store, key))!.trim().split('\n').at(-1)!).from),
    );
    expect(froms.sort()).toEqual([0, 1, 2]);
    await keep('halving-1');
  });

  test('bayesian: three rounds, each learning from the ones before', async () => {
    const { status, output } = await run(engine(), programs.learning);
    expect(status, JSON.stringify(output)).toBe('succeeded');
    expect(output.trials).toMatchObject({ planned: 12, trained: 12 });
    await keep('learning-1');
  });

  test('a single trial', async () => {
    const { output } = await run(engine(), programs.single);
    expect(output.best).toMatchObject({ parameters: { x: 5 }, value: 5 });
    await keep('single-1');
  });

  test('failures within the tolerance: the sweep succeeds and names their classes', async () => {
    const { status, output } = await run(engine(), programs.tolerated);
    expect(status).toBe('succeeded');
    expect(output.trials).toMatchObject({ planned: 6, failed: 2 });
    const { trials } = await keep('tolerated-1');
    expect(trials.filter(({ status }) => status === 'failed')).toMatchObject([
      { parameters: { x: 2 }, failureClass: 'exit-status' },
      { parameters: { x: 5 }, failureClass: 'gpu-out-of-memory' },
    ]);
  });

  test('failures above the tolerance: the sweep fails, says why, ranks all the same and promotes nothing', async () => {
    const { status, error, cause } = await run(engine(), programs.intolerable);
    expect(status).toBe('failed');
    expect(error).toBe('ToleranceExceeded');
    expect(cause).toMatch(/2 of 6 trials failed \(1 exit-status.*1 gpu-out-of-memory.*allows 1.*no such file: images/);
    await keep('intolerable-1');
    expect(await text(engine().store, keys.bestKey('intolerable-1'))).toContain('"x": 6');
    expect(await text(engine().store, keys.championKey('intolerable'))).toBeNull();
  });

  test('a program that says it was interrupted goes on from its checkpoint', async () => {
    const { status, output } = await run(engine(), programs.interrupted);
    expect(status).toBe('succeeded');
    expect(output.best).toMatchObject({ parameters: { x: 3 }, value: 33, epoch: 3 });
    await keep('interrupted-1');
    expect(await startsOf(engine().store, 'interrupted-1', 2)).toEqual([0, 0, 2]);
  });

  test("interrupted after its best epoch, a trial has that epoch's value and its model", async () => {
    const { output } = await run(engine(), programs.overfitted);
    expect(output.best).toMatchObject({ value: 9, epoch: 2 });
    expect(await modelAt(output.best.model)).toBe('epoch 2\n');
    expect(await modelAt(output.champion.model)).toBe('epoch 2\n');
    await keep('overfitted-1');
  });

  /** A small budget ends the sweep with its best so far, a larger one goes on there; both are accounted for. */
  async function checkBudget(
    dollars: number,
    output: { stopped?: string; trials: { trained: number; reused: number } },
  ) {
    const { trained, reused } = output.trials;
    if (dollars < 10_000_000) {
      expect(output.stopped).toContain(`budget.dollars allows ${dollarsText(dollars)}`);
      expect(trained).toBeLessThan(4);
      return;
    }
    expect(output.stopped).toBeUndefined();
    expect([trained + reused, reused > 0]).toEqual([4, true]);
    if (name === 'local') return;
    const { costs } = JSON.parse((await text(engine().store, keys.runMetadataKey('lasting-1')))!);
    const containers = Object.entries(await cloud.get<Record<string, number>>('seconds'))
      .filter(([job]) => job.startsWith('sweep-lasting-1-'))
      .reduce((sum, [, seconds]) => sum + seconds, 0);
    // A container is there before its attempt, and for a moment afterwards.
    expect(costs.seconds).toBeGreaterThan(0);
    expect(costs.seconds).toBeLessThan(containers);
  }

  const SIX_EXECUTIONS = { timeout: 300_000 };
  test(
    'ended by its budget, continued, started again, grown, judged otherwise and removed, a sweep loses no model that is named',
    SIX_EXECUTIONS,
    async () => {
      const { lasting, lastingUnder } = programs;
      // An instance costs six minutes beside its trials: 100,000 dollars.
      const little = name === 'aws' ? 100_001 : 1;
      const grown = { ...lasting, search: { ...lasting.search, trials: 7 } };
      const values: number[] = [];
      for (const spec of [lastingUnder(little), lastingUnder(10_000_000), lasting, grown]) {
        const { status, output, cause } = await run(engine(), spec);
        expect(status, cause ?? JSON.stringify(output)).toBe('succeeded');
        if (spec.budget !== undefined) await checkBudget(spec.budget.dollars!, output);
        const { trials } = await keep('lasting-1');
        const best = Math.max(...trials.map(({ parameters }) => Number(parameters['x'])));
        expect(output.best.value).toBe(best);
        expect(await modelAt(output.best.model)).toBe(`${best}\n`);
        expect(await modelAt(output.champion.model)).toBe(`${best}\n`);
        values.push(best);
      }
      const champion = `${values.at(-1)}\n`;
      const down = await run(engine(), { ...grown, objective: { metric: 'score', goal: 'minimize' } });
      expect(down.output.best).toMatchObject({ model: null, modelNote: expect.stringContaining('was dropped') });
      expect(await modelAt(down.output.champion.model)).toBe(champion);
      const back = await run(engine(), grown);
      expect(await modelAt(back.output.best.model)).toBe(champion);
      await engine().remove('lasting-1');
      expect(await keysBelow(keys.sweepPrefix('lasting-1'))).toEqual([]);
      expect(await modelAt(back.output.champion.model)).toBe(champion);
    },
  );

  test('two sweeps at once in one store do not see each other', async () => {
    const [grid, failing] = [programs.grid, programs.tolerated].map((spec) => ({
      ...spec,
      name: `${spec.name}-beside`,
      sweepId: `${spec.name}-beside`,
    }));
    const ends = await Promise.all([run(engine(), grid!), run(engine(), failing!)]);
    expect(ends.map(({ status, output }) => [status, output?.trials])).toEqual([
      ['succeeded', { planned: 6, trained: 6, reused: 0, failed: 0 }],
      ['succeeded', { planned: 6, trained: 6, reused: 0, failed: 2 }],
    ]);
    for (const name of ['grid', 'tolerated']) {
      const [beside, alone] = [`${name}-beside`, `${name}-1`].map((sweepId) => keys.leaderboardKey(sweepId));
      const trialsIn = async (key: string) => JSON.parse((await text(engine().store, key))!).trials;
      expect(await trialsIn(beside!)).toEqual(await trialsIn(alone!));
    }
  });

  test('values of the environment arrive exactly', async () => {
    const { output } = await run(engine(), programs.environment);
    expect(output.best.value).toBe(Buffer.byteLength(programs.NOTE));
    await keep('environment-1');
  });

  test.each([
    ['hydra', programs.hydra, { optimizer: 'sgd', 'optimizer.momentum': 0.9 }, 0.9],
    ['nanogpt', programs.nanogpt, { dropout: 1, bias: false }, 2.5e-5],
    ['xgboost', programs.xgboost, { max_depth: 6, eta: 0.3 }, 0.1],
  ] as const)("arguments and metrics in a foreign program's own form: %s", async (_, program, parameters, value) => {
    const { status, output } = await run(engine(), program);
    expect(status, JSON.stringify(output)).toBe('succeeded');
    expect(output.best).toMatchObject({ parameters, value });
    await keep(program.sweepId);
  });

  test('bad input fails with the field and the remedy, and leaves nothing', async () => {
    const { status, error, cause } = await run(engine(), programs.mistaken);
    expect(status).toBe('failed');
    expect(error).toBe('BadInput');
    expect(cause).toMatch(/search\.space\.x/);
    expect(await keysBelow('sweeps/mistaken-1')).toEqual([]);
  });

  describe('a sweep that is stopped', () => {
    let first: RunningSweep;
    beforeAll(async () => {
      first = await engine().begin(programs.held);
      // Two trials have their results, and all have saved a checkpoint.
      await until(async () => {
        const [results, checkpoints] = [keys.resultsPrefix('held-1'), keys.sweepCheckpointsPrefix('held-1')];
        const saved = (await keysBelow(checkpoints)).filter((key) => key.endsWith('/checkpoint.json'));
        return (await keysBelow(results)).length === 2 && saved.length === 4;
      });
    });

    test('is refused to a second owner while it runs, by name', async () => {
      const { status, error, cause } = await run(engine(), programs.held);
      expect({ status, error }).toEqual({ status: 'failed', error: 'SweepLocked' });
      expect(cause).toMatch(/the sweep held-1 is owned by .+ since .+; wait for it, stop it/);
    });

    test('goes on under its id: finished trials are reused, the others continue', async () => {
      await first.stop();
      expect(await first.ended).toMatchObject({ status: 'stopped' });
      const { status, output } = await run(engine(), programs.held);
      expect(status).toBe('succeeded');
      expect(output.trials).toEqual({ planned: 4, trained: 2, reused: 2, failed: 0 });
      await keep('held-1');
      expect(await startsOf(engine().store, 'held-1', 4)).toEqual([0, 1]);
    });
  });
});

/** The sweeps of this suite that come to an end on both engines. */
const COMPARED = [
  'environment',
  'grid',
  'halving',
  'held',
  'hydra',
  'interrupted',
  'intolerable',
  'lasting',
  'learning',
  'nanogpt',
  'overfitted',
  'rounds',
  'single',
  'tolerated',
  'xgboost',
];

describe('both', () => {
  test('were compared in every sweep that came to an end', () => {
    expect(Object.keys(leaderboards).sort()).toEqual(COMPARED.map((name) => `${name}-1`));
  });

  test.each(COMPARED)('leave the same leaderboard.json, byte for byte: %s', (name) => {
    const { local, aws } = leaderboards[`${name}-1`]!;
    expect(local).toContain('"trials"');
    expect(aws).toBe(local);
  });
});

test('a program that reads from S3 and uploads its model and metrics itself does so with its own role', async () => {
  const { aws } = engines as { aws: Engine };
  await aws.store.put('data/own/bonus.txt', '10');
  const { status, output } = await run(aws, programs.uploading(`${aws.store.url}/data/own`));
  expect(status, JSON.stringify(output)).toBe('succeeded');
  expect(output).toMatchObject({ trials: { trained: 3, failed: 1 }, best: { value: 13, epoch: 4 } });
  const models = new Map<string, string>();
  for await (const { key } of aws.store.list(keys.trialsPrefix('uploading-1'))) {
    const [, trial, name] = /trials\/([^/]+)\/[^/]+\/(model.*)$/.exec(key) ?? [];
    if (name === 'model/x') models.set(trial!, (await text(aws.store, key))!);
    else if (name !== undefined) expect(name).toBe('model/metrics.json');
  }
  // None of the trial that failed; that of names without a slash has its model as well.
  expect([...models.values()].sort()).toEqual(['2', '3']);
  expect(models.get(output.best.trialId)).toBe('3');
});

test('no call of any role was denied', async () => {
  expect(await cloud.get('denied')).toEqual([]);
});

/** Where each epoch of the trial with this x was begun: the epoch that its attempt started from. */
async function startsOf(store: ObjectStore, sweepId: string, x: number): Promise<number[]> {
  const board: { trials: { id: string; parameters: { x: number } }[] } = JSON.parse(
    (await text(store, keys.leaderboardKey(sweepId)))!,
  );
  const { id } = board.trials.find(({ parameters }) => parameters.x === x)!;
  const { attempt } = JSON.parse((await text(store, keys.resultKey(sweepId, id, sweepId === 'held-1' ? 2 : 3)))!);
  const metrics = (await text(store, `${keys.attemptPrefix(sweepId, id, attempt)}metrics.jsonl`))!;
  return metrics
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).from);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error('it did not come about within 60 s');
}
