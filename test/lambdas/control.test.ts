import { describe, expect, test } from 'vitest';
import { HELD_BACK, NO_ORDERS } from '../../core/layout/control.ts';
import { leaderboardKey, lockKey } from '../../core/layout/keys.ts';
import type { RunMetadata } from '../../core/sweep/run-metadata.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import type { PlannedRound } from '../../lambdas/plan/plan-round.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type Bench, bench, finish, leave, spec, submitted, train } from './support.ts';

const objectsOf = ({ store }: Bench) => sweepObjects(store, 'sweep-1');
const pause = (setup: Bench) => objectsOf(setup).control.change((control) => ({ ...control, paused: true }));
const metadata = async (setup: Bench) => (await objectsOf(setup).outcome.metadata()) as RunMetadata;
const leaderboard = async ({ store }: Bench) => (await store.get(leaderboardKey('sweep-1')))?.body.toString();
const value = ({ trial }: { trial: number }) => trial / 10;

/** The first `many` trials of a round end; the others find that the sweep is paused, and leave nothing. */
async function trainSome(setup: Bench, planned: PlannedRound, many: number): Promise<void> {
  const trials = await submitted(setup, planned);
  for (const trial of trials.slice(0, many)) await leave(setup, planned.sweepId, trial, value(trial));
}

/** Leaves the result of a trial that was skipped before its start. */
async function skipUnbegun({ store }: Bench, { trial, id, epochs }: ManifestTrial): Promise<void> {
  const facts = { startedAt: '2026-01-01T00:00:00.000Z', seconds: 0, host: 'h', attemptNumber: 1, logTail: '' };
  await sweepObjects(store, 'sweep-1').results.leave({
    ...{ sweepId: 'sweep-1', trial, trialId: id, epochs, status: 'failed', metric: 'val_accuracy', value: null },
    ...{ epoch: null, diverged: false, failure: { class: 'skipped', reason: 'r' }, attempt: 'none', modelFiles: 0 },
    facts,
  });
}

describe('a sweep that is paused in the middle of a round', () => {
  test('ends as paused, owned by nobody, and tells of what was trained alone', async () => {
    const setup = bench();
    const planned = await setup.plan(spec());
    await pause(setup);
    await trainSome(setup, planned, 2);
    expect((await finish(setup, planned)).selected.decision).toBe('pause');
    expect(await setup.store.get(lockKey('sweep-1'))).toBeNull();
    expect(await metadata(setup)).toMatchObject({ status: 'paused', trials: { planned: 2, failed: 0 }, failures: [] });
    expect((await objectsOf(setup).outcome.leaderboard())?.trials.map(({ trial }) => trial)).toEqual([1, 0]);
  });

  test('goes on with the trials that are left, to the leaderboard of one that was never paused', async () => {
    const setup = bench();
    const planned = await setup.plan(spec({ rounds: 2 }));
    await pause(setup);
    await trainSome(setup, planned, 2);
    await finish(setup, planned);
    for (const round of [0, 1]) {
      const again = await setup.plan(spec({ rounds: 2 }), round, 'e2');
      expect((await submitted(setup, again)).map(({ trial }) => trial)).toEqual(round === 0 ? [2] : [3, 4, 5]);
      await train(setup, again, value);
      await finish(setup, again, 'e2');
    }
    const undisturbed = bench();
    for (const round of [0, 1]) {
      const whole = await undisturbed.plan(spec({ rounds: 2 }), round);
      await train(undisturbed, whole, value);
      await finish(undisturbed, whole);
    }
    expect(await leaderboard(setup)).toBe(await leaderboard(undisturbed));
    expect(await metadata(setup)).toMatchObject({ status: 'succeeded' });
  });

  test('and has no result yet can be paused and gone on with all the same', async () => {
    const setup = bench();
    const planned = await setup.plan(spec());
    await pause(setup);
    expect((await finish(setup, planned)).selected.decision).toBe('pause');
    expect(await leaderboard(setup)).toBeUndefined();
    expect((await setup.plan(spec(), 0, 'e2')).shards[0]?.size).toBe(6);
  });
});

describe('a pause', () => {
  test('between two rounds ends the sweep before the next', async () => {
    const setup = bench();
    const planned = await setup.plan(spec({ rounds: 2 }));
    await train(setup, planned, value);
    await pause(setup);
    expect((await finish(setup, planned)).selected.decision).toBe('pause');
  });

  test('that comes while the next round is planned starts no job', async () => {
    const setup = bench();
    const planned = await setup.plan(spec({ rounds: 2 }));
    await train(setup, planned, value);
    await finish(setup, planned);
    await pause(setup);
    const next = await setup.plan(spec({ rounds: 2 }), 1);
    expect(next.shards.map(({ size }) => size)).toEqual([0]);
    expect((await finish(setup, next)).selected.decision).toBe('pause');
  });

  test('of a sweep that has nothing left to train changes nothing', async () => {
    const setup = bench();
    const planned = await setup.plan(spec());
    await train(setup, planned, value);
    await pause(setup);
    expect((await finish(setup, planned)).output).toMatchObject({ champion: { promoted: true } });
  });

  test('that was asked of an execution stays when its first plan is made again', async () => {
    const setup = bench();
    await setup.plan(spec());
    await pause(setup);
    expect((await setup.plan(spec())).shards.map(({ size }) => size)).toEqual([0]);
  });

  test('that an execution takes back is not, where another order came meanwhile', async () => {
    const setup = bench();
    const { control } = objectsOf(setup);
    await pause(setup);
    const found = await control.held();
    await control.change((orders) => ({ ...orders, skipped: [1] }));
    await control.goOn(found);
    expect(await control.read()).toMatchObject({ paused: true, skipped: [1] });
  });

  test('is taken back by none that does not become the owner', async () => {
    const setup = bench();
    await setup.plan(spec());
    await pause(setup);
    setup.world.running.add('e1');
    await expect(setup.plan(spec(), 0, 'e2')).rejects.toMatchObject({ name: 'SweepLocked' });
    expect((await objectsOf(setup).control.read()).paused).toBe(true);
  });
});

test('a trial that was skipped before it began is among neither the trained nor the reused', async () => {
  const setup = bench();
  setup.world.now = () => '2025-12-31T23:00:00.000Z';
  const planned = await setup.plan(spec());
  const [first, ...others] = await submitted(setup, planned);
  await skipUnbegun(setup, first!);
  for (const trial of others) await leave(setup, planned.sweepId, trial, value(trial));
  await finish(setup, planned);
  expect((await metadata(setup)).trials).toEqual({ planned: 6, trained: 5, reused: 0, failed: 0, skipped: 1 });
  setup.world.now = () => '2026-01-01T01:00:00.000Z';
  await finish(setup, await setup.plan(spec(), 0, 'e2'), 'e2');
  expect((await metadata(setup)).trials).toEqual({ planned: 6, trained: 0, reused: 5, failed: 0, skipped: 1 });
});

test('more trials asked for while the last round is trained are planned after it, whatever the spec says again', async () => {
  const setup = bench();
  const planned = await setup.plan(spec());
  await objectsOf(setup).control.change((control) => ({ ...control, trials: 8 }));
  await train(setup, planned, value);
  expect((await finish(setup, planned)).selected.decision).toBe('round');
  const next = await setup.plan(spec(), 1);
  expect((await train(setup, next, value)).map(({ trial }) => trial)).toEqual([6, 7]);
  await finish(setup, next);
  expect((await setup.plan(spec(), 0, 'e2')).reused).toBe(6);
  expect((await objectsOf(setup).definition.spec())?.search.trials).toBe(8);
});

test('orders that are damaged are named, with what to do, and nothing begins', async () => {
  const setup = bench();
  await setup.store.put('sweeps/sweep-1/control.json', '{"paused":');
  await expect(setup.plan(spec())).rejects.toThrow(/sweeps\/sweep-1\/control.json is damaged.*delete it/);
  expect(await setup.store.get(lockKey('sweep-1'))).toBeNull();
  // A trial that was about to begin is held back; one that runs goes on.
  const { control } = objectsOf(setup);
  expect(await control.readable(HELD_BACK)).toMatchObject({ paused: true });
  expect(await control.readable(NO_ORDERS)).toMatchObject({ paused: false, skipped: [] });
});
