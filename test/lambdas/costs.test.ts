import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { attemptsOf, costsSoFar } from '../../cli/lookup/costs-of.ts';
import { keepPrices } from '../../cli/lookup/kept-prices.ts';
import { resultKey } from '../../core/layout/keys.ts';
import { accountOf } from '../../core/money/account.ts';
import { pricesBy } from '../../core/money/prices.ts';
import type { PlannedRound } from '../../lambdas/plan/plan-round.ts';
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

const jobDefinition = 'arn:aws:batch:us-east-1:123456789012:job-definition/gpu:1';
const onDemand = (dollars: number) => ({ 'g5.xlarge': { dollars, asOf: '2026-11-28' } });

/** A trial of a sweep that ends on an instance of a stack in us-east-1. */
async function onInstance(setup: Bench) {
  const { gpu } = setup.world.profiles;
  setup.world.profiles['gpu'] = { ...gpu!, jobDefinition };
  const planned = await setup.plan(spec({ trials: 1 }));
  const [trial] = await submitted(setup, planned);
  await leave(setup, 'sweep-1', trial!, 0.5);
  const key = resultKey('sweep-1', trial!.id, 3);
  const result = JSON.parse((await setup.store.get(key))!.body.toString());
  const instance = { type: 'g5.xlarge', purchase: 'on-demand', zone: 'us-east-1a' };
  await setup.store.put(key, JSON.stringify({ ...result, facts: { ...result.facts, instance } }));
  return planned;
}

/** By which prices `sweep costs` counts. */
async function countedBy({ store }: Bench) {
  const sweep = { store, sweepId: 'sweep-1', workdir: null, stack: null, isRunning: async () => false };
  return (await costsSoFar(sweep))!.prices;
}

describe('costs are counted alike in facts.json, in the live report and by sweep costs', () => {
  const isTold = async (setup: Bench, planned: PlannedRound, prices: object[]) => {
    expect((await live(setup)).prices).toEqual(prices);
    await finish(setup, planned);
    expect((await judged(setup)).prices).toEqual(prices);
    expect(await countedBy(setup)).toEqual(prices);
  };

  test('by what AWS last told the stack', async () => {
    const setup = bench();
    const planned = await onInstance(setup);
    const services = { store: setup.store, now: () => '2026-01-01T00:00:00.000Z' };
    const spent = async () => (await new LiveReport(services, 'sweep-1').summary())!.runs.spent![0]!;
    const byList = await spent();
    const told = { region: 'us-east-1', onDemand: onDemand(0.503), spot: {} };
    await new StackPrices(setup.store, 'us-east-1').add(told);
    await isTold(setup, planned, [{ dollars: 0.503, kind: 'asked', asOf: '2026-11-28', region: 'us-east-1' }]);
    // Half the list price, and what lies beside a machine.
    expect((await spent()) / byList).toBeCloseTo(0.5, 1);
  });

  test('by the own price of the profile, which the spec does not say', async () => {
    const setup = bench();
    setup.world.profiles['gpu'] = { ...setup.world.profiles['gpu']!, dollarsPerHour: 7 };
    const planned = await onInstance(setup);
    await isTold(setup, planned, [{ dollars: 7, kind: 'own', asOf: null, region: null }]);
  });

  test('not by what this machine was told', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'sweepstack-prices-'));
    vi.stubEnv('SWEEPSTACK_CACHE', cache);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(cache, { recursive: true });
    });
    await keepPrices({ region: 'us-east-1', onDemand: onDemand(0.1), spot: {} });
    const setup = bench();
    const planned = await onInstance(setup);
    await isTold(setup, planned, [expect.objectContaining({ kind: 'list' })]);
  });
});
