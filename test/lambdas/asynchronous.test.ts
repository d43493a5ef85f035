import { describe, expect, test } from 'vitest';
import type { PlannedRound } from '../../lambdas/plan/plan-round.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { runTrial } from '../../runner/run-trial.ts';
import type { Unit } from '../../runner/units.ts';
import { childUnits } from '../../runner/wave-units.ts';
import { type Bench, bench, finish, leave, spec, submitted } from './support.ts';

const search = { strategy: 'bayesian', asynchronous: true, trials: 6 };
const value = ({ trial }: Unit) => -(((trial.parameters['a'] as number) - 0.3) ** 2) - 1 / trial.epochs;

/** The children of a wave, which take turns; `train` null: it fails. How many units they trained. */
async function work(
  setup: Bench,
  planned: PlannedRound,
  train: (unit: Unit, count: number) => number | null | 'killed' = value,
): Promise<number> {
  const [shard] = planned.shards;
  const children = Array.from({ length: shard?.size ?? 0 }, (_, index) =>
    childUnits({
      store: setup.store,
      environment: {
        SWEEP_MANIFEST: shard!.manifest,
        AWS_BATCH_JOB_ID: `${shard!.name}:${index}`,
        AWS_BATCH_JOB_ARRAY_INDEX: String(index),
      },
    }),
  );
  let working = await Promise.all(children);
  let count = 0;
  while (working.length > 0) {
    const left: typeof working = [];
    for (const child of working) {
      const unit = await child.next();
      if (unit === null) continue;
      const trained = train(unit, count);
      if (trained === 'killed') continue;
      count += 1;
      await leave(setup, 'sweep-1', unit.trial, trained);
      left.push(child);
    }
    working = left;
  }
  return count;
}

/** A whole execution; the trainings of each of its waves. */
async function execute(setup: Bench, input: object, execution = 'e1', train?: Parameters<typeof work>[2]) {
  const waves: number[] = [];
  let reused = 0;
  for (let [round, wave] = [0, 0]; ; ) {
    const planned = await setup.plan(input, round, execution, reused, wave);
    reused = planned.reused;
    if (planned.kind === 'asynchronous') waves.push(await work(setup, planned, train));
    else for (const trial of await submitted(setup, planned)) await leave(setup, 'sweep-1', trial, 0);
    const { selected, output } = await finish(setup, planned, execution);
    if (selected.decision !== 'round' && selected.decision !== 'wave') return { waves, selected, output };
    if (selected.decision === 'wave') wave += 1;
    else round += 1;
  }
}

const leaderboard = async (setup: Bench) => (await sweepObjects(setup.store, 'sweep-1').outcome.leaderboard())!;

describe('an asynchronous search', () => {
  test('of bayesian trains every trial in one wave, and promotes the best', async () => {
    const setup = bench();
    const { waves, selected, output } = await execute(setup, spec(search));
    expect({ waves, decision: selected.decision }).toEqual({ waves: [6], decision: 'promote' });
    expect(output!.trials).toEqual({ planned: 6, trained: 6, reused: 0, failed: 0 });
    expect((await leaderboard(setup)).trials.map(({ trial }) => trial).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('of halving promotes without rungs, and ranks by the budget reached', async () => {
    const setup = bench();
    const input = spec({ ...search, strategy: 'halving', trials: 9 }, { training: { epochs: 9 } });
    await execute(setup, input);
    const epochs = (await leaderboard(setup)).trials.map((trial) => trial.epochs);
    expect(epochs).toEqual([...epochs].sort((a, b) => b - a));
    expect(new Set(epochs)).toEqual(new Set([9, 3, 1]));
  });

  test('run again trains nothing, and with more trials those alone', async () => {
    const setup = bench();
    await execute(setup, spec(search));
    const again = await execute(setup, spec(search), 'e2');
    expect(again.waves).toEqual([0]);
    expect(again.output!.trials).toEqual({ planned: 6, trained: 0, reused: 6, failed: 0 });
    const more = await execute(setup, spec({ ...search, trials: 8 }), 'e3');
    expect(more.waves).toEqual([2]);
    expect(more.output!.trials).toEqual({ planned: 8, trained: 2, reused: 6, failed: 0 });
  });

  test('plans another wave when children are lost, which ends the job that owns what they began', async () => {
    const setup = bench();
    let isKilled = false;
    const { waves, output } = await execute(setup, spec(search), 'e1', (unit, count) => {
      if (isKilled || count !== 2) return value(unit);
      isKilled = true;
      return 'killed';
    });
    expect(waves).toEqual([5, 1]);
    expect(setup.ended).toEqual(['sweep-sweep-1-0-0']);
    expect(output!.trials).toMatchObject({ planned: 6, failed: 0 });
  });

  test('whose children are lost without having begun anything is stuck, and says so', async () => {
    const setup = bench();
    const planned = await setup.plan(spec(search));
    const { selected } = await finish(setup, planned);
    expect(selected).toMatchObject({ decision: 'fail', error: 'SearchStuck' });
  });

  test('confirms the best, in a round of its own, with numbers that no trial of the search gets', async () => {
    const setup = bench();
    const input = spec({ ...search, confirm: { top: 1, seeds: 2 } });
    await execute(setup, input);
    await execute(setup, spec({ ...search, trials: 8, confirm: { top: 1, seeds: 2 } }), 'e2');
    const [best] = (await leaderboard(setup)).trials;
    expect(best!.confirmed).toMatchObject({ seeds: [{ value: 0 }, { value: 0 }] });
    const { trial } = (
      await sweepObjects(setup.store, 'sweep-1').rounds.trials(
        (
          await sweepObjects(setup.store, 'sweep-1').rounds.all()
        )[1]!,
      )
    )[0]!;
    expect(trial).toBe(10_000);
  });

  test('trains failed trials again when it goes on', async () => {
    const setup = bench();
    const tolerant = spec(search, { tolerance: { failedTrials: 6 } });
    await execute(setup, tolerant, 'e1', (unit) => (unit.trial.trial % 2 === 1 ? null : value(unit)));
    const again = await execute(setup, tolerant, 'e2');
    expect(again.waves).toEqual([3]);
    expect(again.output!.trials).toEqual({ planned: 6, trained: 3, reused: 3, failed: 0 });
  });

  test('of which every trial fails ends early, as failed', async () => {
    const setup = bench();
    const tolerant = spec({ ...search, trials: 20 }, { tolerance: { failedTrials: '100%' } });
    const { waves, selected } = await execute(setup, tolerant, 'e1', () => null);
    expect(waves[0]).toBeLessThan(8);
    expect(selected).toMatchObject({ decision: 'fail', error: 'ToleranceExceeded' });
  });

  test('ends at the value that search.stop names', async () => {
    const setup = bench();
    const { waves, selected } = await execute(setup, spec({ ...search, trials: 20, stop: { value: -100 } }));
    expect(waves[0]).toBeLessThan(5);
    expect(selected.decision).toBe('promote');
    const stopped = (await sweepObjects(setup.store, 'sweep-1').outcome.metadata())!.stopped;
    expect(stopped).toContain('search.stop.value');
  });

  test('that a value ended keeps its failed trials when it is run again', async () => {
    const setup = bench();
    const input = spec({ ...search, trials: 20, stop: { value: -100 } }, { tolerance: { failedTrials: '100%' } });
    const first = await execute(setup, input, 'e1', (unit, count) => (count === 0 ? null : value(unit)));
    expect(first.output!.trials).toMatchObject({ failed: 1 });
    const before = (await leaderboard(setup)).trials;
    const again = await execute(setup, input, 'e2');
    expect(again.waves).toEqual([0]);
    expect((await leaderboard(setup)).trials).toEqual(before);
  });

  test('is paused: children begin nothing, the lock is free, and the next execution trains the rest', async () => {
    const setup = bench();
    const { control, lock } = sweepObjects(setup.store, 'sweep-1');
    const planned = await setup.plan(spec(search));
    await control.change((orders) => ({ ...orders, paused: true }));
    expect(await work(setup, planned)).toBe(0);
    const { selected } = await finish(setup, planned);
    expect(selected.decision).toBe('pause');
    expect(await lock.held()).toBeNull();
    expect((await execute(setup, spec(search), 'e2')).waves).toEqual([6]);
  });

  test('ranks trials that were asked for while it ran, and trained in the same wave', async () => {
    const setup = bench();
    const planned = await setup.plan(spec(search));
    await sweepObjects(setup.store, 'sweep-1').control.change((orders) => ({ ...orders, trials: 8 }));
    expect(await work(setup, planned)).toBe(8);
    expect((await finish(setup, planned)).selected.decision).toBe('wave');
    const again = await setup.plan(spec(search), 0, 'e1', 0, 1);
    expect(again.shards.map(({ size }) => size)).toEqual([0]);
    expect((await finish(setup, again)).output!.trials).toMatchObject({ planned: 8, failed: 0 });
    expect((await leaderboard(setup)).trials).toHaveLength(8);
  });

  test('leaves no start behind when a child is told to stop between two trials', async () => {
    const setup = bench();
    const planned = await setup.plan(spec(search));
    const environment = { SWEEP_MANIFEST: planned.shards[0]!.manifest, AWS_BATCH_JOB_ID: 'job:0' };
    const unit = (await (await childUnits({ store: setup.store, environment })).next())!;
    const outcome = await runTrial(
      {
        ...{ environment, inherited: {}, store: setup.store, workFolder: '/nowhere', cacheFolder: null },
        ...{ slot: { cores: 1, gpus: null }, requiredGpus: 0, builtInCommand: async () => [] },
        signal: AbortSignal.abort(),
      },
      unit,
    );
    expect(outcome).toMatchObject({ status: 'interrupted', exitCode: 75 });
    const claims = await sweepObjects(setup.store, 'sweep-1').search.claims();
    expect(claims.map(({ released }) => released)).toEqual([false, true]);
  });

  test('with lanes has as many children as these fill, within what a person allows, and each begins several', async () => {
    const setup = bench();
    setup.world.parallel = 5;
    const packed = spec(search, { compute: { profile: 'gpu', trialsPerGpu: 4 } });
    const planned = await setup.plan(packed);
    expect(planned.shards).toMatchObject([{ size: 2, trials: 6 }]);
    const { store } = setup;
    const environment = { SWEEP_MANIFEST: planned.shards[0]!.manifest, AWS_BATCH_JOB_ID: 'job:0' };
    const child = await childUnits({ store, environment });
    const begun: Unit[] = [];
    for (let lane = 0; lane < 4; lane++) begun.push((await child.next(begun))!);
    expect(begun.map(({ trial }) => trial.trial)).toEqual([0, 2, 4, 1]);
    // One has ended without a result, and is the next attempt's: nothing else keeps that waiting.
    expect(await child.next(begun.slice(1))).toBeNull();
    const again = await childUnits({ store, environment: { ...environment, AWS_BATCH_JOB_ATTEMPT: '2' } });
    expect(await again.next([])).toMatchObject({ search: { claim: { number: 0, generation: 2 } } });
    const { control } = sweepObjects(store, 'sweep-1');
    await control.change((orders) => ({ ...orders, maxParallel: 7 }));
    expect((await setup.plan(packed, 0, 'e1', 0, 1)).shards).toMatchObject([{ size: 1, trials: 4 }]);
  });

  test('is planned once however often it is asked: children that began keep their work', async () => {
    const setup = bench();
    const first = await setup.plan(spec(search));
    const child = await childUnits({
      store: setup.store,
      environment: { SWEEP_MANIFEST: first.shards[0]!.manifest, AWS_BATCH_JOB_ID: 'job:0' },
    });
    await child.next();
    expect(await sweepObjects(setup.store, 'sweep-1').search.unfinished()).toMatchObject([
      { owner: 'job:0', trial: { trial: 0, epochs: 3 } },
    ]);
    const again = await setup.plan(spec(search));
    expect(again.shards).toEqual(first.shards);
    expect(setup.ended).toEqual([]);
  });
});
