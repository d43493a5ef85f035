import { describe, expect, test } from 'vitest';
import type { Leaderboard } from '../../core/sweep/leaderboard.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import type { SelectAnswer } from '../../lambdas/select/select-best.ts';
import { type Bench, bench, finish, spec, submitted, train } from './support.ts';

/** The handlers over a real folder, round after round, as the state machine calls them. */
async function sweepOf(
  setup: Bench,
  input: object,
  objective: (trial: ManifestTrial) => number | null,
  execution = 'e1',
) {
  const rounds: ManifestTrial[][] = [];
  let reused = 0;
  for (let round = 0; ; round++) {
    const planned = await setup.plan(input, round, execution, reused);
    reused = planned.reused;
    rounds.push(await submitted(setup, planned));
    await train(setup, planned, objective);
    const { selected, output } = await finish(setup, planned, execution);
    if (selected.decision !== 'round') return { rounds, selected, output, planned };
  }
}

const document = async ({ store }: Bench, name: string) =>
  JSON.parse((await store.get(`sweeps/sweep-1/${name}`))!.body.toString());
const leaderboardOf = (setup: Bench): Promise<Leaderboard> => document(setup, 'leaderboard.json');

const x = ({ parameters }: ManifestTrial) => Number(parameters['a']);

describe('a bayesian sweep', () => {
  const input = spec({ strategy: 'bayesian', trials: 16 });

  test('has four rounds unless said, and the later ones gather at the optimum', async () => {
    const { rounds } = await sweepOf(bench(), input, (trial) => -Math.abs(x(trial) - 0.3));
    expect(rounds.map((round) => round.length)).toEqual([4, 4, 4, 4]);
    const distance = (round: readonly ManifestTrial[]) =>
      round.reduce((sum, trial) => sum + Math.abs(x(trial) - 0.3), 0) / round.length;
    expect(distance(rounds[3]!)).toBeLessThan(distance(rounds[0]!));
  });

  test('plans the same rounds again from the same results', async () => {
    const [first, second] = [bench(), bench()];
    const value = (trial: ManifestTrial) => Math.sin(9 * x(trial));
    const { rounds } = await sweepOf(first, input, value);
    expect((await sweepOf(second, input, value)).rounds).toEqual(rounds);
  });

  test('tells the importance of its parameters once there are enough results', async () => {
    const setup = bench();
    const space = { a: { min: 0, max: 1 }, b: { min: 0, max: 1 } };
    await sweepOf(setup, spec({ strategy: 'bayesian', trials: 24, space }), (trial) => x(trial) ** 2);
    const { importance } = await leaderboardOf(setup);
    expect(importance!['a']).toBeGreaterThan(0.8);
    expect(Object.values(importance!).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 2);
  });
});

describe('halving', () => {
  const input = spec({ strategy: 'halving', trials: 9 }, { training: { data: 's3://bucket/data', epochs: 9 } });

  test('trains the best again under the same id to more epochs, and promotes from the last rung', async () => {
    const setup = bench();
    const { rounds, selected, output } = await sweepOf(setup, input, x);
    expect(rounds.map((round) => round.map(({ epochs }) => epochs))).toEqual([Array(9).fill(1), [3, 3, 3], [9]]);
    const ranked = rounds[0]!.toSorted((a, b) => x(b) - x(a)).map(({ id }) => id);
    expect(rounds[1]!.map(({ id }) => id).toSorted()).toEqual(ranked.slice(0, 3).toSorted());
    expect(rounds[2]![0]).toMatchObject({ id: ranked[0], trial: rounds[0]!.find(({ id }) => id === ranked[0])!.trial });
    expect(selected.decision).toBe('promote');
    expect(output!.trials).toEqual({ planned: 9, trained: 9, reused: 0, failed: 0 });
  });

  test('has one row a trial, by the largest budget it was trained to', async () => {
    const setup = bench();
    await sweepOf(setup, input, x);
    const { trials, counts } = await leaderboardOf(setup);
    expect(trials.map(({ epochs }) => epochs)).toEqual([9, 3, 3, 1, 1, 1, 1, 1, 1]);
    expect(counts).toEqual({ planned: 9, succeeded: 9, failed: 0 });
  });

  test('of a space with fewer points than trials promotes the best of them', async () => {
    const setup = bench();
    const few = spec(
      { strategy: 'halving', trials: 9, space: { a: [1, 2, 3] } },
      { training: { epochs: 9, data: 's3://b/d' } },
    );
    const { rounds, selected } = await sweepOf(setup, few, x);
    expect(rounds.map((round) => round.length)).toEqual([3, 1, 1]);
    expect(selected.decision).toBe('promote');
  });

  test('resumed trains nothing twice', async () => {
    const setup = bench();
    await sweepOf(setup, input, x);
    const { rounds, output } = await sweepOf(setup, input, x, 'e2');
    expect(rounds.flat()).toEqual([]);
    expect(output!.trials).toEqual({ planned: 9, trained: 0, reused: 9, failed: 0 });
  });

  test('promotes nothing when the last rung failed, and says so', async () => {
    const { selected } = await sweepOf(bench(), { ...input, tolerance: { failedTrials: 5 } }, (trial) =>
      trial.epochs === 9 ? null : x(trial),
    );
    expect(selected).toMatchObject({ decision: 'fail', error: 'NoTrialFinished' });
  });
});

describe('search.stop', () => {
  test('submits no further round once the value is reached', async () => {
    const setup = bench();
    const input = spec({ trials: 12, rounds: 6, stop: { value: -1 } });
    const { rounds, selected } = await sweepOf(setup, input, x);
    expect(rounds).toHaveLength(1);
    expect(selected.decision).toBe('promote');
    expect((await document(setup, 'facts.json')).stopped).toContain('search.stop.value');
  });

  test('submits no further round without improvement', async () => {
    const input = spec({ trials: 12, rounds: 6, stop: { minImprovement: 0.5, rounds: 2 } });
    const { rounds } = await sweepOf(bench(), input, (trial) => 1 + trial.trial / 1000);
    expect(rounds).toHaveLength(3);
  });

  test('changed on an existing sweep goes on with it', async () => {
    const setup = bench();
    await sweepOf(setup, spec({ trials: 6, rounds: 3, stop: { value: -1 } }), x);
    const { rounds, output } = await sweepOf(setup, spec({ trials: 6, rounds: 3 }), x, 'e2');
    expect(rounds.map((round) => round.length)).toEqual([0, 2, 2]);
    expect(output!.trials).toEqual({ planned: 6, trained: 4, reused: 2, failed: 0 });
  });
});

test('a finite space that is exhausted ends the sweep early, and that is said', async () => {
  const setup = bench();
  const input = spec({ strategy: 'bayesian', trials: 12, rounds: 3, space: { a: [1, 2, 3, 4, 5] } });
  const { rounds, selected } = await sweepOf(setup, input, x);
  expect(rounds.map((round) => round.length)).toEqual([4, 1]);
  expect(selected.decision).toBe('promote');
  expect((await document(setup, 'facts.json')).stopped).toBe(
    'the search space has only 5 points, and 12 trials were asked for',
  );
});

describe('search.confirm', () => {
  const input = spec({ trials: 6, confirm: { top: 2, seeds: 3 } });
  /** The luckiest trial is not the best. */
  const noisy = (lucky: number) => (trial: ManifestTrial) => {
    const place = trial.confirms ?? trial.trial;
    if (trial.confirms === undefined) return place === lucky ? 1 : place / 10;
    return place === lucky ? 0.2 : 0.5 + (trial.seed ?? 0) / 100;
  };

  test('trains the best again with new seeds, and the best mean wins', async () => {
    const setup = bench();
    const { rounds, output } = await sweepOf(setup, input, noisy(1));
    const runs = rounds[1]!.map(({ trial, seed, confirms }) => ({ trial, seed, confirms }));
    expect(runs).toEqual(
      [1, 1, 1, 5, 5, 5].map((confirms, index) => ({ trial: 6 + index, seed: (index % 3) + 1, confirms })),
    );
    expect(new Set(rounds.flat().map(({ id }) => id)).size).toBe(12);
    const { trials } = await leaderboardOf(setup);
    expect(trials.map(({ trial }) => trial)).toEqual([5, 1, 4, 3, 2, 0]);
    expect(trials[0]!.confirmed).toMatchObject({
      mean: 0.52,
      seeds: [{ seed: 1, value: 0.51 }, { value: 0.52 }, { value: 0.53 }],
    });
    expect(trials[0]!.confirmed!.spread).toBeCloseTo(0.01, 12);
    expect(output!.best.value).toBe(0.52);
  });

  test('one seed that fails confirms nothing: leaderboard, best.json, gate and output agree', async () => {
    const setup = bench();
    const broken = (trial: ManifestTrial) => (trial.confirms === 1 && trial.seed === 2 ? null : noisy(5)(trial));
    const only = spec({ trials: 6, confirm: { top: 2, seeds: 3 } }, { tolerance: { failedTrials: 1 } });
    const { output } = await sweepOf(setup, only, (trial) =>
      trial.confirms === undefined
        ? [0, 0.9, 0.8, 0.1, 0.2, 0.3][trial.trial]!
        : trial.confirms === 2
          ? 0.7
          : broken(trial),
    );
    const { trials } = await leaderboardOf(setup);
    expect(trials.map(({ trial, confirmed }) => [trial, confirmed?.mean]).slice(0, 2)).toEqual([
      [2, expect.closeTo(0.7)],
      [1, undefined],
    ]);
    const best = JSON.parse((await setup.store.get('sweeps/sweep-1/best.json'))!.body.toString());
    const champion = JSON.parse((await setup.store.get('models/digits/champion.json'))!.body.toString());
    for (const one of [best, champion, output!.best]) expect(one.value).toBeCloseTo(0.7);
  });

  test('where every confirmation breaks, the winner stands everywhere by its own value', async () => {
    const setup = bench();
    const only = spec({ trials: 6, confirm: { top: 1, seeds: 3 } }, { tolerance: { failedTrials: 3 } });
    const { output } = await sweepOf(setup, only, ({ trial, confirms, seed }) =>
      confirms === undefined ? trial / 10 : seed === 1 ? 0.2 : null,
    );
    const { trials } = await leaderboardOf(setup);
    expect(trials[0]).toMatchObject({ trial: 5, value: 0.5 });
    expect(trials[0]!.confirmed).toBeUndefined();
    const best = JSON.parse((await setup.store.get('sweeps/sweep-1/best.json'))!.body.toString());
    const champion = JSON.parse((await setup.store.get('models/digits/champion.json'))!.body.toString());
    for (const one of [best, champion, output!.best]) expect(one).toMatchObject({ value: 0.5 });
    expect(best.confirmed).toBeUndefined();
  });

  test('lets the champion gate decide by the mean', async () => {
    const setup = bench();
    await sweepOf(setup, input, noisy(1));
    const champion = JSON.parse((await setup.store.get('models/digits/champion.json'))!.body.toString());
    expect(champion).toMatchObject({ value: 0.52 });
  });

  test('grown later confirms only who is new among the best', async () => {
    const setup = bench();
    await sweepOf(setup, input, noisy(1));
    const { rounds } = await sweepOf(setup, spec({ trials: 7, confirm: { top: 2, seeds: 3 } }), noisy(1), 'e2');
    expect(rounds.map((round) => round.length)).toEqual([0, 0, 1, 3]);
    expect(rounds[3]!.map(({ confirms }) => confirms)).toEqual([12, 12, 12]);
  });
});

describe('search.warmStart', () => {
  const input = spec({ strategy: 'bayesian', trials: 8, rounds: 1, warmStart: ['before'] });

  test('learns from the leaderboard of an earlier sweep, and says how much', async () => {
    const setup = bench();
    const value = (trial: ManifestTrial) => -Math.abs(x(trial) - 0.8);
    await leaveLeaderboard(
      setup,
      Array.from({ length: 20 }, (_, k) => ({ a: (k + 0.5) / 20, other: k })),
    );
    const { rounds } = await sweepOf(setup, input, value);
    const near = rounds[0]!.filter((trial) => Math.abs(x(trial) - 0.8) < 0.2);
    expect(near.length).toBeGreaterThan(4);
    expect((await document(setup, 'facts.json')).warmStart).toEqual([{ sweepId: 'before', trials: 20, used: 20 }]);
  });

  test('passes over what does not fit, and says so', async () => {
    const setup = bench();
    await leaveLeaderboard(setup, [{ a: 0.1 }, { a: 7 }, { b: 1 }]);
    await setup.plan(input);
    expect((await document(setup, 'warm-start.json')).sources).toEqual([
      { sweepId: 'before', trials: 3, used: 1, note: '2 lie outside this space' },
    ]);
  });

  test('names a sweep that is not there, and changes nothing', async () => {
    const setup = bench();
    await expect(setup.plan(input)).rejects.toThrow('search.warmStart[0]');
    expect(await setup.store.get('sweeps/sweep-1/spec.json')).toBeNull();
  });

  async function leaveLeaderboard({ store }: Bench, points: readonly Record<string, number>[]) {
    const trials = points.map((parameters, number) => ({
      rank: number + 1,
      trial: number,
      id: String(number).padStart(16, '0'),
      parameters,
      value: -Math.abs((parameters['a'] ?? 0) - 0.8),
      epoch: 1,
      epochs: 3,
      status: 'succeeded',
    }));
    const counts = { planned: trials.length, succeeded: trials.length, failed: 0 };
    const objective = { metric: 'val_accuracy', goal: 'maximize' };
    await store.put('sweeps/before/leaderboard.json', JSON.stringify({ sweepId: 'before', objective, counts, trials }));
  }
});

test('the median of the finished rounds is written beside the manifest of the next', async () => {
  const setup = bench();
  const input = spec(
    { trials: 8, rounds: 2 },
    { training: { data: 's3://bucket/data', epochs: 3, stop: { median: true } } },
  );
  const first = await setup.plan(input);
  for (const trial of await submitted(setup, first)) await leaveCurve(setup, trial);
  const { selected } = (await finish(setup, first)) as { selected: SelectAnswer };
  expect(selected.decision).toBe('round');
  await setup.plan(input, 1);
  expect(await document(setup, 'rounds/1/medians.json')).toMatchObject({ values: [1.5, 2.5, 3.5] });
});

/** A result with a learning curve that rises from the trial's own number. */
async function leaveCurve({ store }: Bench, { trial, id, epochs }: ManifestTrial) {
  const result = {
    sweepId: 'sweep-1',
    trial,
    trialId: id,
    epochs,
    status: 'succeeded',
    metric: 'val_accuracy',
    value: trial + 2,
    epoch: 3,
    diverged: false,
    failure: null,
    attempt: '1-abcdef',
    curve: [1, 2, 3].map((epoch) => [epoch, trial + epoch - 1]),
    modelFiles: 0,
    facts: { startedAt: '2026-01-01T00:00:00.000Z', seconds: 1, host: 'h', attemptNumber: 1, logTail: '' },
  };
  await store.putIfAbsent(`sweeps/sweep-1/results/${id}.${epochs}.json`, JSON.stringify(result));
}
