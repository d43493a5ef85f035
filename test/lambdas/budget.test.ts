import { describe, expect, test } from 'vitest';
import { budgetPricesKey, firstStartKey, leaderboardKey, pricesKey, resultKey } from '../../core/layout/keys.ts';
import type { BudgetPrices } from '../../core/money/budget-prices.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { StackPrices } from '../../objects/prices.ts';
import { StartObjects } from '../../objects/starts.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { childUnits } from '../../runner/wave-units.ts';
import { type Bench, bench, finish, leave, spec, submitted, train } from './support.ts';

const START = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T03:00:00.000Z';
const capped = (hours: number, change: object = {}) => ({ ...spec(change), budget: { hours } });
const objectsOf = ({ store }: Bench) => sweepObjects(store, 'sweep-1');
const firstBegins = (setup: Bench, hours: number) =>
  objectsOf(setup).budget.begin(resolveSpec(capped(hours)), begun('t0', START));
const begun = (trialId: string, at: string, host = 'h') => ({
  ...{ at: Date.parse(at), trialId, epochs: 3, attempt: '1-abcdef', host, instance: undefined },
});
const atSecond = (seconds: number) => new Date(Date.parse(START) + seconds * 1000).toISOString();
const leaderboard = async ({ store }: Bench) => (await store.get(leaderboardKey('sweep-1')))?.body.toString();
const value = ({ trial }: { trial: number }) => trial / 10;

/** The first `many` trials of the round are trained from `START` on; then it is `LATER`, and the others left nothing. */
async function trainSome(setup: Bench, hours: number, many: number, change: object = {}) {
  const planned = await setup.plan(capped(hours, change));
  await firstBegins(setup, hours);
  for (const trial of (await submitted(setup, planned)).slice(0, many))
    await leave(setup, planned.sweepId, trial, value(trial));
  setup.world.now = () => LATER;
  return planned;
}

describe('a sweep whose hours are up in the middle of a round', () => {
  test('succeeds with its best so far, and says that the budget ended it', async () => {
    const setup = bench();
    const planned = await trainSome(setup, 2, 2);
    const { output } = await finish(setup, planned);
    const stopped = expect.stringContaining('budget.hours allows 2 h');
    expect(output).toMatchObject({ status: 'succeeded', best: { value: 0.1 }, stopped });
    expect(await objectsOf(setup).outcome.metadata()).toMatchObject({
      ...{ status: 'succeeded', budgetEnded: true, stopped },
      trials: { planned: 2, failed: 0 },
    });
  });

  test('has failed where no trial has a value', async () => {
    const setup = bench();
    const planned = await trainSome(setup, 2, 0);
    expect((await finish(setup, planned)).selected).toMatchObject({ decision: 'fail', error: 'BudgetEnded' });
  });

  test('begins nothing when it goes on under the same budget, and ends alike', async () => {
    const setup = bench();
    await finish(setup, await trainSome(setup, 2, 2));
    const again = await setup.plan(capped(2), 0, 'e2');
    expect(again.shards.map(({ size }) => size)).toEqual([0]);
    expect(again.withheld).toBe(4);
    expect((await finish(setup, again, 'e2')).output).toMatchObject({ best: { value: 0.1 } });
  });

  test('goes on under a larger one, to the leaderboard of one that had no budget', async () => {
    const change = { rounds: 2 };
    const setup = bench();
    await finish(setup, await trainSome(setup, 2, 2, change));
    for (const round of [0, 1]) {
      const again = await setup.plan(capped(4, change), round, 'e2');
      expect((await submitted(setup, again)).map(({ trial }) => trial)).toEqual(round === 0 ? [2] : [3, 4, 5]);
      await train(setup, again, value);
      await finish(setup, again, 'e2');
    }
    const undisturbed = bench();
    for (const round of [0, 1]) {
      const whole = await undisturbed.plan(spec(change), round);
      await train(undisturbed, whole, value);
      await finish(undisturbed, whole);
    }
    expect(await leaderboard(setup)).toBe(await leaderboard(undisturbed));
    expect((await objectsOf(setup).outcome.metadata())?.budgetEnded).toBeUndefined();
  });
});

test('a budget that ends between two rounds ends the sweep before the next', async () => {
  const setup = bench();
  const planned = await trainSome(setup, 2, 3, { rounds: 2 });
  expect((await finish(setup, planned)).output).toMatchObject({ best: { value: 0.2 } });
  expect(await objectsOf(setup).rounds.all()).toHaveLength(1);
});

test('a sweep that has nothing left to train was not ended by its budget', async () => {
  const setup = bench();
  const planned = await trainSome(setup, 2, 6);
  expect((await finish(setup, planned)).output).not.toHaveProperty('stopped');
  expect((await objectsOf(setup).outcome.metadata())?.budgetEnded).toBeUndefined();
});

test('hours that cannot be counted are told, not guessed', async () => {
  const setup = bench();
  await setup.store.put(firstStartKey('sweep-1'), 'torn');
  await expect(setup.plan(capped(2))).rejects.toThrow('sweeps/sweep-1/budget/first-start is damaged');
});

describe('a deadline that has passed', () => {
  const late = { ...spec(), budget: { deadline: '2025-12-31T23:59Z' } };

  test('is refused before anything is written', async () => {
    const setup = bench();
    await expect(setup.plan(late)).rejects.toThrow('budget.deadline: received "2025-12-31T23:59Z", which has passed');
    expect(await objectsOf(setup).definition.recordedSpec()).toBeNull();
  });

  test('ends a sweep that goes on, with what it had found', async () => {
    const setup = bench();
    const planned = await setup.plan(spec());
    for (const trial of (await submitted(setup, planned)).slice(0, 2)) await leave(setup, planned.sweepId, trial, 0.5);
    const again = await setup.plan(late, 0, 'e2');
    expect((await finish(setup, again, 'e2')).output).toMatchObject({ best: { value: 0.5 } });
  });
});

test('an asynchronous search ends and goes on alike', async () => {
  const asynchronous = { strategy: 'bayesian', asynchronous: true };
  const setup = bench();
  await setup.plan(capped(2, asynchronous));
  await firstBegins(setup, 2);
  setup.world.now = () => LATER;
  const next = await setup.plan(capped(2, asynchronous), 0, 'e1', 0, 1);
  expect(next.shards.map(({ size }) => size)).toEqual([0]);
  expect((await finish(setup, next)).selected).toMatchObject({ decision: 'fail', error: 'BudgetEnded' });
  const again = await setup.plan(capped(4, asynchronous), 0, 'e2');
  expect(again.shards.map(({ size }) => size)).toEqual([2]);
});

test('a child of an asynchronous search gives up what the budget made it leave, and the next execution trains it', async () => {
  const asynchronous = { strategy: 'bayesian', asynchronous: true };
  const setup = bench();
  const childOf = ({ shards }: Awaited<ReturnType<Bench['plan']>>, job: string) =>
    childUnits({
      store: setup.store,
      environment: { SWEEP_MANIFEST: shards[0]!.manifest, AWS_BATCH_JOB_ID: job },
    });
  const child = await childOf(await setup.plan(capped(2, asynchronous)), 'one:0');
  const left = (await child.next())!;
  await firstBegins(setup, 2);
  expect(await child.next()).toBeNull();
  expect(await objectsOf(setup).search.ended()).toMatchObject({ reason: 'budget' });
  expect((await objectsOf(setup).search.claims()).map(({ released }) => released)).toEqual([false, true]);
  const other = await childOf(await setup.plan(capped(100_000, asynchronous), 0, 'e2'), 'two:0');
  expect((await other.next())?.trial).toEqual(left.trial);
});

test('no training begins that the deadline leaves no room for, by what others took', async () => {
  const setup = bench();
  const planned = await setup.plan(spec());
  const [first, next] = await submitted(setup, planned);
  await leave(setup, planned.sweepId, first!, 0.5);
  const { budget } = objectsOf(setup);
  const before = (seconds: number) => {
    const deadline = new Date(Date.parse(START) + seconds * 1000).toISOString();
    const name = { trialId: next!.id, epochs: next!.epochs };
    return budget.endBefore(resolveSpec({ ...spec(), budget: { deadline } }), name, START);
  };
  // A training took 1 s.
  expect(await before(1)).toBeNull();
  expect(await before(0.9)).toMatch(/^another training takes about 1 s/);
});

test('while something is left to train every model stays: another trial may turn out the best', async () => {
  const setup = bench();
  const planned = await setup.plan({ ...capped(2), keep: { models: 1 } });
  await firstBegins(setup, 2);
  const trials = (await submitted(setup, planned)).slice(0, 3);
  for (const trial of trials) await leave(setup, planned.sweepId, trial, value(trial));
  setup.world.now = () => LATER;
  await finish(setup, planned);
  expect((await objectsOf(setup).models.present()).size).toBe(3);
});

describe('a sweep of which a second costs a dollar', () => {
  const priced = (dollars: number) => ({ ...spec(), compute: { dollarsPerHour: 3600 }, budget: { dollars } });
  const spent = async (setup: Bench, dollars: number, at: string) =>
    (await objectsOf(setup).budget.spend(resolveSpec(priced(dollars)), at)).dollars!.now;

  /** The first two trials are trained for three seconds each, and then it is `LATER`. */
  async function spend(setup: Bench, dollars: number) {
    const planned = await setup.plan(priced(dollars));
    const whole = resolveSpec(priced(dollars));
    const { budget } = objectsOf(setup);
    for (const [index, trial] of (await submitted(setup, planned)).slice(0, 2).entries()) {
      const attempt = begun(trial.id, atSecond(3 * index));
      expect(await budget.begin(whole, attempt)).toBeNull();
      await leave(setup, planned.sweepId, trial, value(trial));
      await budget.leave(whole, attempt, Date.parse(atSecond(3 * index + 3)), false);
    }
    setup.world.now = () => LATER;
    return planned;
  }

  test('succeeds with its best so far when its dollars are spent, and begins nothing under the same budget', async () => {
    const setup = bench();
    const { output } = await finish(setup, await spend(setup, 6));
    const stopped = 'budget.dollars allows $6.00, and $6.00 had been spent';
    expect(output).toMatchObject({ status: 'succeeded', best: { value: 0.1 }, stopped });
    const again = await setup.plan(priced(6), 0, 'e2');
    expect(again.shards.map(({ size }) => size)).toEqual([0]);
  });

  test('goes on under a larger budget, which counts what was spent before', async () => {
    const setup = bench();
    await finish(setup, await spend(setup, 6));
    const again = await setup.plan(priced(8), 0, 'e2');
    const [next, other] = await submitted(setup, again);
    const { budget } = objectsOf(setup);
    const whole = resolveSpec(priced(8));
    // Each is expected to take a second, as those before said that they did.
    expect(await budget.begin(whole, begun(next!.id, LATER, 'h1'))).toBeNull();
    expect(await budget.begin(whole, begun(other!.id, LATER, 'h2'))).toBeNull();
    expect(await budget.begin(whole, begun('t9', LATER, 'h3'))).toBe(
      'another training was expected to bring the total to $9.00, and budget.dollars allows $8.00',
    );
    // The one that was refused costs nothing, and nothing more begins.
    expect(await spent(setup, 8, atSecond(10_801))).toBeCloseTo(8, 6);
    expect(await budget.end(whole, LATER)).toContain('bring the total to $9.00');
  });

  test('is judged again by other prices, and not by the same', async () => {
    const setup = bench();
    await finish(setup, await spend(setup, 6));
    const cheaper = { ...priced(6), compute: { dollarsPerHour: 1800 } };
    expect((await setup.plan(cheaper, 0, 'e2')).shards.map(({ size }) => size)).toEqual([4]);
    expect(await spent(setup, 6, LATER)).toBeCloseTo(3, 6);
  });

  test('counts what was trained before it had a budget, once', async () => {
    const setup = bench();
    const planned = await setup.plan({ ...priced(1), budget: undefined });
    const [first, second, third] = await submitted(setup, planned);
    await leave(setup, planned.sweepId, first!, 0.1);
    await leave(setup, planned.sweepId, second!, 0.2);
    // Left without a result: in two attempts, of which one cannot be read.
    const { attempts } = objectsOf(setup);
    const told = { epochs: 3, attemptNumber: 1, startedAt: '2025-12-31T00:00:00Z', seconds: 10, host: 'b', why: '' };
    await attempts.ofTrial(third!.id, '1-aaaaaa').putInterruption(told);
    await setup.store.put(`sweeps/sweep-1/trials/${third!.id}/2-bbbbbb/interrupted.json`, '{"epochs": 3');
    // What the budget of another day did not last for.
    const refused = begun(first!.id, START);
    const starts = new StartObjects(setup.store, 'sweep-1');
    await starts.put({ kind: 'start', ...refused });
    await starts.put({ kind: 'end', ...refused, isTakenBack: false });
    for (const execution of ['e2', 'e3']) {
      await setup.plan(priced(60), 0, execution);
      expect(await spent(setup, 60, LATER)).toBeCloseTo(11, 6);
    }
  });

  test('has failed where no trial has a value', async () => {
    const setup = bench();
    const planned = await setup.plan(priced(1));
    const { budget } = objectsOf(setup);
    await budget.begin(resolveSpec(priced(1)), begun('t0', START));
    setup.world.now = () => LATER;
    expect((await finish(setup, planned)).selected).toMatchObject({ decision: 'fail', error: 'BudgetEnded' });
  });

  test('pays an attempt that was killed until its round was over, and no longer', async () => {
    const setup = bench();
    const planned = await setup.plan(priced(60));
    const { budget } = objectsOf(setup);
    await budget.begin(resolveSpec(priced(60)), begun('t0', START));
    // A clock that was set back since: nothing of it is known, and it does not run for ever.
    await new StartObjects(setup.store, 'sweep-1').put({ kind: 'start', ...begun('t1', LATER) });
    setup.world.now = () => atSecond(20);
    await finish(setup, planned);
    expect(await spent(setup, 60, '2026-01-01T05:00:00.000Z')).toBeCloseTo(20, 6);
    expect((await objectsOf(setup).outcome.metadata())?.costs).toMatchObject({
      ...{ dollars: expect.closeTo(20, 6), by: { interrupted: expect.closeTo(20, 6) } },
    });
  });

  test('pays what a run that was killed began until that was last heard of', async () => {
    const setup = bench();
    await setup.plan(priced(60));
    await objectsOf(setup).budget.begin(resolveSpec(priced(60)), begun('t0', START));
    setup.world.now = () => LATER;
    await setup.plan(priced(60), 0, 'e2');
    expect(await spent(setup, 60, LATER)).toBeCloseTo(10, 6);
  });

  test('is refused where nobody has said what the machine costs, and nothing is written', async () => {
    const setup = bench();
    await expect(setup.plan({ ...spec(), budget: { dollars: 5 } })).rejects.toThrow(
      'budget.dollars: received 5, but the hourly cost of this machine is unknown',
    );
    expect(await objectsOf(setup).definition.recordedSpec()).toBeNull();
    expect(await objectsOf(setup).lock.held()).toBeNull();
  });

  test('counts by what AWS was last asked for, and by the list where that is damaged', async () => {
    const setup = bench();
    const { gpu } = setup.world.profiles;
    setup.world.profiles['gpu'] = {
      ...gpu!,
      jobDefinition: 'arn:aws:batch:us-east-1:123456789012:job-definition/gpu:1',
      instanceTypes: ['g5.xlarge'],
      spot: false,
    };
    const budgeted = { ...spec(), budget: { dollars: 5 } };
    const price = async (execution: string) => {
      await setup.plan(budgeted, 0, execution);
      const body = (await setup.store.get(budgetPricesKey('sweep-1')))!.body.toString();
      return (JSON.parse(body) as BudgetPrices).types[0]!.price;
    };
    expect(await price('e1')).toMatchObject({ dollars: 1.006, kind: 'list' });
    const prices = new StackPrices(setup.store, 'us-east-1');
    const told = (dollars: number) => ({ dollars, asOf: '2026-11-28' });
    await prices.add({ region: 'us-east-1', onDemand: { 'g5.xlarge': told(0.5) }, spot: {} });
    await prices.add({ region: 'us-east-1', onDemand: { 'g6.xlarge': told(0.9) }, spot: {} });
    expect(await price('e2')).toEqual({ dollars: 0.5, kind: 'asked', asOf: '2026-11-28', region: 'us-east-1' });
    await setup.store.put(pricesKey('us-east-1'), '{"region": "us-east-1"');
    expect(await price('e3')).toMatchObject({ dollars: 1.006, kind: 'list' });
    expect(setup.notes).toContainEqual(expect.stringMatching(/^prices\/us-east-1\.json is damaged, so .*--refresh/));
  });

  test('says when its prices are lost, and has them again when it goes on', async () => {
    const setup = bench();
    await setup.plan(priced(60));
    await setup.store.put(budgetPricesKey('sweep-1'), 'torn');
    await expect(spent(setup, 60, LATER)).rejects.toThrow('run or start the same spec again, which writes it');
    await setup.plan(priced(60), 0, 'e2');
    expect(await spent(setup, 60, LATER)).toBe(0);
  });
});

test('interruptions that took much of the last hour are told in the output, which the mail about the end contains', async () => {
  const setup = bench();
  const planned = await setup.plan(spec({ trials: 1 }));
  const [trial] = await submitted(setup, planned);
  await leave(setup, planned.sweepId, trial!, 0.5);
  const key = resultKey('sweep-1', trial!.id, trial!.epochs);
  const result = JSON.parse((await setup.store.get(key))!.body.toString());
  const instance = { type: 'g4dn.xlarge', purchase: 'spot', zone: 'us-east-1a' };
  const lost = { epochs: 3, attemptNumber: 1, startedAt: START, seconds: 600, host: 'h', instance, why: 'gone' };
  await setup.store.put(key, JSON.stringify({ ...result, facts: { ...result.facts, interrupted: [lost] } }));
  const { output } = await finish(setup, planned);
  expect(output).toMatchObject({ warnings: [expect.stringContaining("100 % of the last hour's paid time")] });
});
