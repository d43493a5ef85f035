import { expect, test } from 'vitest';
import { accountOf, billedDollars, spentBy } from '../../../core/money/account.ts';
import { OUTCOMES, type PaidAttempt, paidAttempts } from '../../../core/money/attempts.ts';
import type { Machine } from '../../../core/money/fleet.ts';
import { pricesBy, regionOf } from '../../../core/money/prices.ts';
import { BESIDE_AN_HOUR, LOGS_AN_ATTEMPT, START_SECONDS, TAIL_SECONDS } from '../../../core/money/rates.ts';
import type { CollectedTrial } from '../../../core/trial/collected.ts';
import { SPOT_TAKEN_BACK } from '../../../core/trial/interruption.ts';
import { AVAILABILITIES, simulated } from './simulated-fleet.ts';

const T0 = Date.parse('2026-11-28T08:00:00Z');
const SPOT = { type: 'g5.xlarge', purchase: 'spot', zone: 'us-east-1a' };
/** $3.60 an hour: $0.001 a second. */
const book = (own: number | null = 3.6) => pricesBy((region) => ({ region, asked: null, own }));
const options = { price: book(), slots: () => 1, best: null };
const attempt = (trial: number, start: number, seconds: number, over: Partial<PaidAttempt> = {}): PaidAttempt => ({
  ...{ trial, id: `t${trial}`, host: 'a', instance: SPOT, start: T0 + start * 1000, seconds },
  ...{ outcome: 'succeeded', wasTakenBack: false },
  ...over,
});
const IDLE = START_SECONDS + TAIL_SECONDS;
const bill = (seconds: number) => seconds * 0.001 + (seconds / 3600) * BESIDE_AN_HOUR;

test('a machine is billed from its start to its end, and its trials pay all of it by their seconds', () => {
  const { dollars, idle, machines, trials, seconds } = accountOf([attempt(0, 0, 300), attempt(1, 300, 100)], options);
  expect(dollars).toBeCloseTo(bill(400 + IDLE) + 2 * LOGS_AN_ATTEMPT, 9);
  expect(trials.map((each) => each.dollars)).toEqual([
    expect.closeTo(0.75 * bill(400 + IDLE) + LOGS_AN_ATTEMPT, 9),
    expect.closeTo(0.25 * bill(400 + IDLE) + LOGS_AN_ATTEMPT, 9),
  ]);
  expect(idle).toBeCloseTo(bill(400 + IDLE) * (IDLE / (400 + IDLE)), 9);
  expect([machines, seconds]).toEqual([1, 400]);
});

test('after a pause that Batch keeps no instance for, it was another one', () => {
  expect(accountOf([attempt(0, 0, 100), attempt(1, 100 + IDLE, 100)], options).machines).toBe(1);
  const two = accountOf([attempt(0, 0, 100), attempt(1, 101 + IDLE, 100)], options);
  expect(two.machines).toBe(2);
  expect(two.dollars).toBeCloseTo(2 * bill(100 + IDLE) + 2 * LOGS_AN_ATTEMPT, 9);
});

test('of a machine of four slots with one trial, three quarters of its time were idle', () => {
  const { idle, dollars, trials } = accountOf([attempt(0, 0, 1000)], { ...options, slots: () => 4 });
  expect(idle! / (dollars! - LOGS_AN_ATTEMPT)).toBeCloseTo(1 - 1000 / (4 * (1000 + IDLE)), 9);
  expect(trials[0]!.share).toBe(0.25);
});

test('where slots are not known, they are as many as were used at once', () => {
  const { trials } = accountOf([attempt(0, 0, 100), attempt(1, 50, 100)], { ...options, slots: () => null });
  expect(trials.map(({ share }) => share)).toEqual([0.5, 0.5]);
});

test('a Spot instance that is taken back in its first hour is not charged, only what lies beside it', () => {
  const lost = attempt(0, 0, 1000, { outcome: 'interrupted', wasTakenBack: true });
  const free = accountOf([lost], options);
  expect(free.dollars).toBeCloseTo(((1000 + START_SECONDS) / 3600) * BESIDE_AN_HOUR + LOGS_AN_ATTEMPT, 9);
  expect(free.notCharged).toBeCloseTo((1000 + START_SECONDS) * 0.001, 9);
  const late = accountOf([{ ...lost, seconds: 3600 - START_SECONDS }], options);
  expect(late.notCharged).toBe(0);
  expect(late.dollars).toBeCloseTo(bill(3600) + LOGS_AN_ATTEMPT, 9);
});

test('dollars are told by how attempts ended, and a trial pays for each of its own', () => {
  const { by, secondsBy, trials, dollars } = accountOf(
    [
      attempt(0, 0, 100, { outcome: 'interrupted' }),
      attempt(0, 0, 100, { host: 'b' }),
      attempt(1, 0, 100, { host: 'c', outcome: 'failed' }),
      attempt(2, 0, 100, { host: 'd', outcome: 'stopped' }),
    ],
    options,
  );
  const each = bill(100 + IDLE) + LOGS_AN_ATTEMPT;
  for (const outcome of OUTCOMES) expect(by![outcome]).toBeCloseTo(each, 9);
  expect(secondsBy).toEqual({ succeeded: 100, stopped: 100, failed: 100, interrupted: 100 });
  expect(dollars).toBeCloseTo(4 * each, 9);
  expect(trials[0]).toMatchObject({ dollars: expect.closeTo(2 * each, 9), interruptedSeconds: 100, attempts: 2 });
});

test('a trial’s seconds are told by phase, over all of its attempts that know them', () => {
  const known = (fetching: number, training: number) => ({ phases: { fetching, training } });
  const { trials, phases } = accountOf(
    [attempt(0, 0, 9, known(1, 7)), attempt(0, 9, 9, known(2, 5)), attempt(0, 18, 9)],
    options,
  );
  const seconds = { waiting: null, pulling: null, fetching: 3, training: 12, uploading: 3 };
  expect(trials[0]!.phases).toEqual(seconds);
  expect(phases).toEqual(seconds);
});

test('an image that takes longer to pull than machines take to start is billed from its pull on', () => {
  const phases = { fetching: 0, training: 100, pulling: 2 * START_SECONDS };
  const { dollars, phases: all } = accountOf([attempt(0, 0, 100, { phases })], options);
  expect(dollars).toBeCloseTo(bill(100 + 2 * START_SECONDS + TAIL_SECONDS) + LOGS_AN_ATTEMPT, 9);
  expect(all.pulling).toBe(2 * START_SECONDS);
});

test('what was spent until the best ended leaves out what came later', () => {
  const attempts = [attempt(0, 0, 500), attempt(1, 0, 1000, { host: 'b' })];
  const { toBest } = accountOf(attempts, { ...options, best: 't0' });
  const until = 500 + START_SECONDS;
  expect(toBest).toBeCloseTo(2 * bill(until) + 2 * LOGS_AN_ATTEMPT, 9);
  expect(accountOf(attempts, options).toBest).toBeNull();
});

test('a machine of one’s own is paid while trials run on it, once for all slots, and without a price not at all', () => {
  const mine = { instance: undefined };
  const attempts = [attempt(0, 0, 100, mine), attempt(1, 0, 300, mine), attempt(2, 400, 100, mine)];
  const { dollars, machines } = accountOf(attempts, options);
  expect([dollars, machines]).toEqual([expect.closeTo(0.4, 9), 1]);
  const unknown = accountOf(attempts, { ...options, price: book(null) });
  expect(unknown).toMatchObject({ dollars: null, by: null, idle: null, unpriced: 1, seconds: 500 });
  expect(unknown.trials[0]).toMatchObject({ dollars: null, seconds: 100 });
});

test('prices are those of the type, the purchase option and the region', () => {
  const onDemand = { ...SPOT, purchase: 'on-demand' };
  const priceOf = (instance: typeof SPOT) =>
    accountOf([attempt(0, 0, 1, { instance })], { ...options, price: book(null) }).prices[0];
  expect(priceOf(onDemand)).toMatchObject({ dollars: 1.006, kind: 'list' });
  expect(priceOf(SPOT)).toMatchObject({ dollars: expect.closeTo(1.006 * 0.41, 9), kind: 'estimate' });
  expect(['us-east-1a', 'us-west-2-lax-1a', 'us-gov-west-1b'].map(regionOf)).toEqual([
    'us-east-1',
    'us-west-2',
    'us-gov-west-1',
  ]);
});

test('attempts are what results tell: the last one, and those before that were told to stop', () => {
  const interruption = {
    epochs: 3,
    attemptNumber: 1,
    startedAt: '2026-11-28T08:00:00Z',
    seconds: 60,
    host: 'a',
    why: SPOT_TAKEN_BACK,
  };
  const facts = { startedAt: '2026-11-28T08:10:00Z', seconds: 100, host: 'b', interrupted: [interruption] };
  const collected = (record: object, more: object = {}) =>
    ({
      record: { trial: 1, id: 't1', status: 'succeeded', ...record },
      facts: { ...facts, ...more },
    }) as unknown as CollectedTrial;
  expect(paidAttempts([collected({})])).toEqual([
    attempt(1, 0, 60, { instance: undefined, number: 1, outcome: 'interrupted', wasTakenBack: true }),
    attempt(1, 600, 100, { instance: undefined, host: 'b' }),
  ]);
  const outcomes = (record: object) => paidAttempts([collected(record)]).at(-1)!.outcome;
  expect([outcomes({ status: 'failed' }), outcomes({ stopped: 'median' })]).toEqual(['failed', 'stopped']);
  // Lost, and not run.
  expect(paidAttempts([collected({}, { startedAt: null, seconds: null, host: null, interrupted: [] })])).toEqual([]);
  expect(paidAttempts([collected({}, { seconds: 0, interrupted: [] })])).toEqual([]);
});

test.each([
  ['one slot', 1, null],
  ['four slots', 4, null],
  ['one slot, lost in bursts', 1, 7200],
  ['four slots, lost in bursts', 4, 2400],
])(
  'the account of a fleet with %s is the bill within 1 percent, and its trials add up to it',
  (_, trials, reclaimEvery) => {
    const price = { dollars: 3.6, kind: 'own', asOf: null, region: null } as const;
    const machine: Machine = { type: 'g5.xlarge', purchase: 'spot', trials, price };
    for (let seed = 0; seed < 100; seed++) {
      const { bill: billed, attempts } = simulated({
        ...{ seed, trials: 500, rounds: 4, machine, atOnce: 32, reclaimEvery },
        availability: reclaimEvery === null ? 1 : AVAILABILITIES[seed % AVAILABILITIES.length]!,
      });
      const paid = attempts.map(({ trial, host, start, seconds, wasTakenBack }) =>
        attempt(trial, start, seconds, { host, wasTakenBack, outcome: wasTakenBack ? 'interrupted' : 'succeeded' }),
      );
      const { dollars, trials: costs } = accountOf(paid, { ...options, slots: () => trials });
      expect(Math.abs(dollars! / billed - 1), `seed ${seed}: ${dollars} of ${billed}`).toBeLessThan(0.01);
      expect(costs.reduce((sum, each) => sum + each.dollars!, 0)).toBeCloseTo(dollars!, 6);
      expect(billedDollars(paid, options)).toBeCloseTo(dollars!, 6);
    }
  },
);

test('dollars are spent evenly while machines live, in whatever order one asks, and in the end they are the account', () => {
  const attempts = [attempt(0, 0, 300), attempt(1, 300, 100), attempt(2, 200, 50, { host: 'b' })];
  const { toBest, dollars } = accountOf(attempts, { ...options, best: 't0' });
  const at = (seconds: number) => T0 + seconds * 1000;
  const spent = spentBy(attempts, options, [at(10_000), at(300), at(-10_000)])!;
  expect(spent).toEqual([expect.closeTo(dollars!, 9), expect.closeTo(toBest!, 9), 0]);
});

test('where no price is known, nobody knows what was spent by when', () => {
  const mine = attempt(0, 0, 300, { instance: undefined });
  expect(spentBy([mine], { ...options, price: book(null) }, [T0])).toBeNull();
});

test("nobody takes back a machine of one's own: it is paid whatever its attempts say", () => {
  const said = attempt(0, 0, 1000, { instance: undefined, outcome: 'interrupted', wasTakenBack: true });
  expect(accountOf([said], options)).toMatchObject({ dollars: expect.closeTo(1, 9), notCharged: 0 });
});
