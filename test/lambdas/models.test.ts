import { describe, expect, test } from 'vitest';
import { bestKey, leaderboardKey } from '../../core/layout/keys.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { type Bench, bench, finish, spec, train } from './support.ts';

const json = async ({ store }: Bench, key: string) => JSON.parse((await store.get(key))?.body.toString() ?? 'null');
const board = async ({ store }: Bench) => (await store.get(leaderboardKey('sweep-1')))?.body.toString();

/** The trials whose models are in the store, by their numbers. */
async function models({ store }: Bench): Promise<number[]> {
  const found: number[] = [];
  for await (const { key } of store.list('sweeps/sweep-1/trials/'))
    found.push(Number((await store.get(key))!.body.toString()));
  return found.sort((a, b) => a - b);
}

async function champion(setup: Bench) {
  const { trialId, model } = await json(setup, 'models/digits/champion.json');
  return { trialId, model: (await setup.store.get(`${model}weights`))?.body.toString() };
}

/** Later trials are better, so that the best one is of the last round. */
const rising = ({ trial }: ManifestTrial) => trial;

/** One execution from its first round on, as far as `until` says; what each round left. */
async function execute(
  setup: Bench,
  of_spec: object,
  execution: string,
  { value = rising, until = Number.POSITIVE_INFINITY }: { value?: typeof rising; until?: number } = {},
) {
  const left: { models: number[]; board: string | undefined; best: unknown }[] = [];
  for (let round = 0, reused = 0; round <= until; round++) {
    const planned = await setup.plan(of_spec, round, execution, reused);
    await train(setup, planned, value);
    const { selected } = await finish(setup, planned, execution);
    left.push({ models: await models(setup), board: await board(setup), best: await json(setup, bestKey('sweep-1')) });
    if (selected.decision !== 'round') break;
    reused = planned.reused;
  }
  return left;
}

const TWO_ROUNDS = spec({ rounds: 2 }, { keep: { models: 2 } });

describe('a finished sweep of two rounds', () => {
  test('that is run again shows and keeps at every moment what it found', async () => {
    const setup = bench();
    const [, end] = await execute(setup, TWO_ROUNDS, 'e1');
    expect(end!.models).toEqual([4, 5]);
    expect(await execute(setup, TWO_ROUNDS, 'e2')).toEqual([end, end]);
    expect(await execute(setup, TWO_ROUNDS, 'e3')).toEqual([end, end]);
    expect((await champion(setup)).model).toBe('5');
  });

  test('grown by more trials keeps the best model until a better one is there', async () => {
    const setup = bench();
    const [, end] = await execute(setup, TWO_ROUNDS, 'e1');
    const grown = spec({ rounds: 3, trials: 9 }, { keep: { models: 2 } });
    const left = await execute(setup, grown, 'e2', { value: ({ trial }) => (trial === 8 ? 9 : -trial) });
    expect(left.map(({ models }) => models)).toEqual([
      [4, 5],
      [4, 5],
      [5, 8],
    ]);
    expect(left[0]).toEqual(end);
    expect((await champion(setup)).model).toBe('8');
  });

  test('whose execution ended in the second round goes on without a loss', async () => {
    const setup = bench();
    await execute(setup, TWO_ROUNDS, 'e1', { until: 0 });
    // The second round is planned and trained, and nobody has judged it.
    await train(setup, await setup.plan(TWO_ROUNDS, 1), rising);
    const [first, second] = await execute(setup, TWO_ROUNDS, 'e2');
    expect(first!.models).toEqual([1, 2, 3, 4, 5]);
    expect(second!.models).toEqual([4, 5]);
    expect((await champion(setup)).model).toBe('5');
  });

  test('that fails when it is run again, in its first round, shows what it found before', async () => {
    const setup = bench();
    const [, end] = await execute(setup, TWO_ROUNDS, 'e1');
    const longer = { ...TWO_ROUNDS, training: { data: 's3://bucket/data', epochs: 5 } };
    const [failed, ...others] = await execute(setup, longer, 'e2', { value: (() => null) as never });
    expect(others).toEqual([]);
    expect(failed).toEqual(end);
  });
});

describe('asked for fewer epochs than before, and back', () => {
  test('a sweep loses no model of the longer trainings', async () => {
    const setup = bench();
    const at = (epochs: number) => ({ ...TWO_ROUNDS, training: { data: 's3://bucket/data', epochs } });
    const down = ({ trial }: ManifestTrial) => -trial;
    await execute(setup, at(5), 'e1');
    // Ranked by these epochs other trials are the best.
    const [, short] = await execute(setup, at(2), 'e2', { value: down });
    expect(short).toMatchObject({ models: [0, 1, 4, 5], best: { trial: 0, epochs: 2 } });
    const [, long] = await execute(setup, at(5), 'e3');
    expect(long).toMatchObject({ models: [4, 5], best: { trial: 5, epochs: 5, model: expect.any(String) } });
  });
});

describe('judged by an objective that no trial reported', () => {
  test('a sweep keeps every model', async () => {
    const setup = bench();
    await execute(setup, TWO_ROUNDS, 'e1');
    const mistaken = { ...TWO_ROUNDS, objective: { metric: 'acuracy', goal: 'maximize' as const } };
    await execute(setup, mistaken, 'e2');
    expect(await models(setup)).toEqual([4, 5]);
  });
});

describe('judged by another goal and back', () => {
  const down = { ...TWO_ROUNDS, objective: { metric: 'val_accuracy', goal: 'minimize' } };

  test('a sweep loses no model, and no champion', async () => {
    const setup = bench();
    await execute(setup, TWO_ROUNDS, 'e1');
    const before = await champion(setup);
    const left = await execute(setup, down, 'e2');
    expect(left.at(-1)).toMatchObject({ models: [4, 5], best: { trial: 0, model: null } });
    expect(await champion(setup)).toEqual(before);
    expect((await execute(setup, TWO_ROUNDS, 'e3')).at(-1)).toMatchObject({ models: [4, 5], best: { trial: 5 } });
  });

  test('finds the model of a trial that was promoted though it was dropped since', async () => {
    const setup = bench();
    const one = { ...TWO_ROUNDS, keep: { models: 1 } };
    await execute(setup, one, 'e1');
    for await (const { key } of setup.store.list('sweeps/sweep-1/trials/')) await setup.store.delete([key]);
    const { best } = (await execute(setup, one, 'e2')).at(-1)!;
    const { model } = best as { model: string };
    expect((await setup.store.get(`${model}weights`))?.body.toString()).toBe('5');
  });
});

describe('search.confirm', () => {
  test('with fewer kept models than confirmed trials has the model of the one whose mean is best', async () => {
    const setup = bench();
    const confirmed = spec({ confirm: { top: 3, seeds: 2 } }, { keep: { models: 1 } });
    // By its own value trial 3 is third; the new seeds find it the best.
    const value = ({ trial, seed, confirms }: ManifestTrial) => (seed === undefined ? trial : confirms === 3 ? 10 : 1);
    await execute(setup, confirmed, 'e1', { value });
    expect(await models(setup)).toEqual([3]);
    expect((await champion(setup)).model).toBe('3');
    await execute(setup, confirmed, 'e2', { value });
    expect(await models(setup)).toEqual([3]);
  });
});
