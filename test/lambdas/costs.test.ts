import { describe, expect, test } from 'vitest';
import { attemptsOf } from '../../cli/lookup/costs-of.ts';
import { resultKey } from '../../core/layout/keys.ts';
import { accountOf } from '../../core/money/account.ts';
import { pricesBy } from '../../core/money/prices.ts';
import { LiveReport } from '../../objects/live-report.ts';
import { StackPrices } from '../../objects/prices.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type Bench, bench, finish, leave, spec, submitted } from './support.ts';

// No budget of dollars: nothing is noted but what attempts leave. A dollar a second, and each result tells of one.

const dollarASecond = { compute: { dollarsPerHour: 3600 } };

/** What `sweep costs` counts. */
async function counted({ store }: Bench) {
  const attempts = await attemptsOf({ store, sweepId: 'sweep-1' });
  const price = pricesBy((region) => ({ region, asked: null, own: 3600 }));
  return accountOf(attempts, { price, slots: () => null, best: null });
}

const judged = async ({ store }: Bench) => (await sweepObjects(store, 'sweep-1').outcome.metadata())!.costs!;

async function live({ store }: Bench) {
  const known = await new LiveReport({ store, now: () => '2026-01-01T00:00:00.000Z' }, 'sweep-1').known();
  return known!.metadata.costs!;
}

function interrupt({ store }: Bench, trialId: string, epochs: number, seconds = 10): Promise<unknown> {
  const { attempts } = sweepObjects(store, 'sweep-1');
  const told = { epochs, attemptNumber: 1, startedAt: '2025-12-31T00:00:00Z', seconds, host: 'b', why: '' };
  return attempts.ofTrial(trialId, `1-aaaaa${epochs}`).putInterruption(told);
}

describe('an attempt that was interrupted', () => {
  test('and has had no result since is in facts.json, in the live report, and in what sweep costs tells', async () => {
    const setup = bench();
    const planned = await setup.plan(spec({ trials: 2 }, dollarASecond));
    const [first, second] = await submitted(setup, planned);
    await leave(setup, 'sweep-1', first!, 0.5);
    await interrupt(setup, second!.id, 3);
    const expected = { dollars: expect.closeTo(11, 6), by: { interrupted: expect.closeTo(10, 6) }, seconds: 11 };
    expect(await live(setup)).toMatchObject(expected);
    await finish(setup, planned);
    expect(await judged(setup)).toMatchObject(expected);
    expect(await counted(setup)).toMatchObject(expected);
  });

  test('at a rung counts though the trial has a result of the rung below', async () => {
    const setup = bench();
    const sweep = spec({ strategy: 'halving', trials: 3, halving: { reduction: 3, minEpochs: 1 } }, dollarASecond);
    const rung = await setup.plan(sweep, 0, 'e1');
    for (const trial of await submitted(setup, rung)) await leave(setup, 'sweep-1', trial, trial.trial);
    await finish(setup, rung);
    const next = await setup.plan(sweep, 1, 'e1');
    const [best] = await submitted(setup, next);
    await interrupt(setup, best!.id, 3);
    await finish(setup, next);
    expect((await judged(setup)).secondsBy.interrupted).toBe(10);
    expect((await counted(setup)).secondsBy.interrupted).toBe(10);
  });

  test('is looked for once a minute in the live report, whoever asks how often', async () => {
    const setup = bench();
    const planned = await setup.plan(spec({ trials: 2 }, dollarASecond));
    const [first, second] = await submitted(setup, planned);
    let now = '2026-01-01T00:00:00.000Z';
    const report = new LiveReport({ store: setup.store, now: () => now }, 'sweep-1');
    const interrupted = async () => (await report.known())!.metadata.costs!.secondsBy.interrupted;
    await interrupt(setup, first!.id, 3);
    expect(await interrupted()).toBe(10);
    await interrupt(setup, second!.id, 3);
    now = '2026-01-01T00:00:59.000Z';
    expect(await interrupted()).toBe(10);
    now = '2026-01-01T00:01:00.000Z';
    expect(await interrupted()).toBe(20);
  });

  test('of which a result tells counts no second time', async () => {
    const setup = bench();
    const planned = await setup.plan(spec({ trials: 2 }, dollarASecond));
    const [first] = await submitted(setup, planned);
    await leave(setup, 'sweep-1', first!, 0.5);
    // The result stands for all attempts at its training; the other trial is still open.
    await interrupt(setup, first!.id, 3);
    await finish(setup, planned);
    expect((await judged(setup)).seconds).toBe(1);
    expect((await counted(setup)).seconds).toBe(1);
  });
});

test('costs are counted by what AWS last told the stack, in facts.json and in the report alike', async () => {
  const setup = bench();
  const { gpu } = setup.world.profiles;
  const jobDefinition = 'arn:aws:batch:us-east-1:123456789012:job-definition/gpu:1';
  setup.world.profiles['gpu'] = { ...gpu!, jobDefinition };
  const planned = await setup.plan(spec({ trials: 1 }));
  const [trial] = await submitted(setup, planned);
  await leave(setup, 'sweep-1', trial!, 0.5);
  const key = resultKey('sweep-1', trial!.id, 3);
  const result = JSON.parse((await setup.store.get(key))!.body.toString());
  const instance = { type: 'g5.xlarge', purchase: 'on-demand', zone: 'us-east-1a' };
  await setup.store.put(key, JSON.stringify({ ...result, facts: { ...result.facts, instance } }));
  const services = { store: setup.store, now: () => '2026-01-01T00:00:00.000Z' };
  const spent = async () => (await new LiveReport(services, 'sweep-1').summary())!.runs.spent![0]!;
  const byList = await spent();
  const onDemand = { 'g5.xlarge': { dollars: 0.503, asOf: '2026-11-28' } };
  await new StackPrices(setup.store, 'us-east-1').add({ region: 'us-east-1', onDemand, spot: {} });
  const told = [{ dollars: 0.503, kind: 'asked', asOf: '2026-11-28', region: 'us-east-1' }];
  expect((await live(setup)).prices).toEqual(told);
  await finish(setup, planned);
  expect((await judged(setup)).prices).toEqual(told);
  // Half the list price, and what lies beside a machine.
  expect((await spent()) / byList).toBeCloseTo(0.5, 1);
});
