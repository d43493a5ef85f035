import { expect, test } from 'vitest';
import type { Fleet, Machine } from '../../../core/money/fleet.ts';
import { lessDone, quote } from '../../../core/money/quote.ts';
import {
  BESIDE_AN_HOUR,
  LOGS_AN_ATTEMPT,
  START_SECONDS,
  TAIL_SECONDS,
  TRANSITIONS_A_ROUND,
} from '../../../core/money/rates.ts';
import type { ForeseenRound } from '../../../core/search/forecast.ts';
import { AVAILABILITIES, simulated } from './simulated-fleet.ts';

const machine = (over: Partial<Machine> = {}): Machine => ({
  type: 'g4dn.2xlarge',
  purchase: 'onDemand',
  trials: 1,
  price: { dollars: 3.6, kind: 'list', asOf: '2026-07-20', region: 'us-east-1' },
  ...over,
});
const fleet = (over: Partial<Fleet> = {}): Fleet => ({
  ...{ expected: machine(), dear: machine(), worst: machine(), atOnce: 8, spot: false },
  ...over,
});
const round = (trials: number, epochs = 10, kind: ForeseenRound['kind'] = 'search'): ForeseenRound => ({
  ...{ kind, trials, epochs },
});
const NONE = new Map<number, number>();
const ask = (rounds: readonly ForeseenRound[], over: object = {}) =>
  quote({
    ...{ rounds: lessDone(rounds, NONE), secondsAnEpoch: 100, fleet: fleet(), attempts: 3, isLocal: false },
    ...over,
  });

const IDLE = START_SECONDS + TAIL_SECONDS;

test('a quote adds up training, start and end of each instance, what lies beside them, logs and transitions', () => {
  const { expected, instances, trainings } = ask([round(16)]);
  // 16 trials of 1,000 s at $0.001 a second on 8 machines.
  expect(expected.parts.training).toBeCloseTo(16, 9);
  expect(expected.parts.startAndEnd).toBeCloseTo(8 * IDLE * 0.001, 9);
  expect(expected.parts.beside).toBeCloseTo(((16_000 + 8 * IDLE) / 3600) * BESIDE_AN_HOUR, 9);
  expect(expected.parts.services).toBeCloseTo(16 * LOGS_AN_ATTEMPT + TRANSITIONS_A_ROUND, 9);
  const { training, startAndEnd, beside, services } = expected.parts;
  expect(expected.dollars).toBeCloseTo(training + startAndEnd + beside + services, 9);
  expect(expected.seconds).toBe(START_SECONDS + 2000);
  expect([instances, trainings]).toEqual([8, 16]);
});

test('instances are billed whole: five trials on machines of four pay for two', () => {
  const four = fleet({ expected: machine({ trials: 4 }), atOnce: 8 });
  // The last of four slots ends 0.3 trials later than the slots do on average.
  const training = (trials: number) => ask([round(trials)], { fleet: four }).expected.parts.training;
  expect(training(5)).toBeCloseTo(2 + 2 * 0.3, 9);
  // A whole wave of both, and one trial on one of them.
  expect(training(9)).toBeCloseTo(3 + 2 * 0.3, 9);
});

test('each round starts its instances anew', () => {
  expect(ask([round(8), round(8)]).expected.parts.startAndEnd).toBeCloseTo(16 * IDLE * 0.001, 9);
  expect(ask([round(8), round(8)]).expected.seconds).toBe(2 * (START_SECONDS + 1000));
});

test('a rung trains only what the rung below has not', () => {
  expect(ask([round(8, 1), round(4, 3, 'rung')]).expected.parts.training).toBeCloseTo(0.8 + 0.8, 9);
});

test('trials that have a result cost nothing, at the budget that it is of', () => {
  const rounds = lessDone(
    [round(8, 1), round(4, 3, 'rung'), round(2, 3)],
    new Map([
      [1, 8],
      [3, 5],
    ]),
  );
  expect(rounds).toEqual([
    { trials: 0, epochs: 1 },
    { trials: 0, epochs: 2 },
    { trials: 1, epochs: 3 },
  ]);
  expect(ask([round(0)]).expected).toMatchObject({ dollars: 0, seconds: 0 });
});

test('an asynchronous search starts its machines once, and trains its work in as many units', () => {
  const search: ForeseenRound = { kind: 'asynchronous', trials: 16, epochs: 9, work: 64 };
  const { parts } = ask([search]).expected;
  expect(parts.training).toBeCloseTo(6.4, 9);
  expect(parts.startAndEnd).toBeCloseTo(8 * IDLE * 0.001, 9);
  // Results of any budget leave fewer units.
  expect(
    lessDone(
      [search],
      new Map([
        [1, 6],
        [3, 2],
      ]),
    ),
  ).toEqual([{ trials: 8, epochs: 4 }]);
});

test('jobs of several trials run no more at once than there are jobs', () => {
  const { expected, instances } = ask([round(16)], { perJob: 8 });
  expect([instances, expected.seconds]).toEqual([2, START_SECONDS + 8000]);
  const four = fleet({ expected: machine({ trials: 4 }), atOnce: 8 });
  // Two jobs share one machine for eight trials' time, with two slots free.
  expect(ask([round(16)], { perJob: 8, fleet: four }).expected.parts.training).toBeCloseTo(8 + 0.3, 9);
});

test('jobs that train several at once need fewer machines, and those are billed whole', () => {
  const { expected, instances } = ask([round(16)], { perJob: 4, lanes: 4 });
  expect([instances, expected.seconds]).toEqual([4, START_SECONDS + 1000]);
  // The last of four lanes ends 0.3 trials later than they do on average.
  expect(expected.parts.training).toBeCloseTo(4 * (1 + 0.3), 9);
  // At the worst they are no faster than one after the other.
  expect(ask([round(16)], { perJob: 4, lanes: 4 }).worst).toEqual(ask([round(16)], { perJob: 4 }).worst);
  const two = fleet({ expected: machine({ trials: 2 }), atOnce: 8 });
  const shared = ask([round(16)], { perJob: 4, lanes: 4, fleet: two });
  expect(shared.instances).toBe(2);
  // Six trials are two jobs: two whole machines.
  expect(ask([round(6)], { perJob: 4, lanes: 4 }).instances).toBe(2);
  expect(ask([round(6)], { perJob: 4, lanes: 4 }).expected.seconds).toBe(START_SECONDS + 1000);
});

test('a job of more trials than it has lanes takes as many turns as it needs', () => {
  const seconds = (over: object) => ask([round(40)], { perJob: 10, ...over }).expected.seconds - START_SECONDS;
  expect(seconds({ lanes: 1 })).toBe(10_000);
  expect(seconds({ lanes: 4 })).toBe(3000);
  expect(seconds({ lanes: 5 })).toBe(2000);
  // The first alone, the others beside each other.
  expect(seconds({ lanes: 'auto', fit: 9 })).toBe(2000);
  expect(seconds({ lanes: 'auto', fit: 3 })).toBe(4000);
});

test('auto is one at once while no trial has shown how many fit', () => {
  const alone = ask([round(16)], { perJob: 8 }).expected;
  expect(ask([round(16)], { perJob: 8, lanes: 'auto', fit: null }).expected).toEqual(alone);
});

test('the worst on demand is the dearest machine; nothing is lost', () => {
  const dear = machine({ price: { ...machine().price, dollars: 7.2 } });
  const { expected, worst } = ask([round(8)], { fleet: fleet({ worst: dear }) });
  expect(worst.dollars).toBeGreaterThan(1.9 * expected.dollars);
  expect(worst.dollars).toBeLessThan(2 * expected.dollars);
  expect(worst.seconds).toBe(expected.seconds);
});

test('the worst on Spot loses every attempt but the last, on the dearest Spot machine', () => {
  const spot = (dollars: number) => machine({ purchase: 'spot', price: { ...machine().price, dollars } });
  const [expected, dear] = [spot(1), spot(2)];
  const alone = (of: Machine) => ask([round(8)], { fleet: fleet({ expected: of }) }).expected.dollars;
  const fallback = ask([round(8)], { fleet: fleet({ expected, dear, worst: machine(), spot: true }) });
  expect(fallback.worst.dollars).toBeCloseTo(alone(machine()) + 2 * alone(dear), 9);
  const only = ask([round(8)], { fleet: fleet({ expected, dear, worst: dear, spot: 'only' }) });
  expect(only.worst.dollars).toBeCloseTo(3 * alone(dear), 9);
  expect(only.worst.seconds).toBe(3 * only.expected.seconds);
});

test('a machine of one’s own costs its hours, and nothing beside', () => {
  const own = machine({ trials: 4 });
  const { expected } = ask([round(8)], {
    fleet: fleet({ expected: own, dear: own, worst: own, atOnce: 4 }),
    isLocal: true,
  });
  expect(expected.parts).toMatchObject({ startAndEnd: 0, beside: 0, services: 0 });
  expect(expected.dollars).toBeCloseTo(2.3, 9);
  expect(expected.seconds).toBe(2000);
});

test.each([1, 4])(
  'on machines of %i the quote is within 15 percent of what runs, trials spread widely and Spot capacity coming and going',
  (trials) => {
    const own = machine({ trials });
    const request = { fleet: fleet({ expected: own, dear: own, worst: own, atOnce: 32, spot: 'only' }) };
    const rounds = Array.from({ length: 4 }, () => round(125, 1));
    for (let seed = 0; seed < 100; seed++) {
      const availability = AVAILABILITIES[seed % AVAILABILITIES.length]!;
      const sweep = { seed, trials: 500, rounds: 4, machine: own, atOnce: 32, reclaimEvery: null, availability };
      const { bill, notCharged, meanSeconds } = simulated(sweep);
      const quoted = ask(rounds, { ...request, secondsAnEpoch: meanSeconds }).expected.dollars;
      // Which instances are taken back in their first hour, which is not billed, nobody can foresee.
      const run = bill + notCharged;
      expect(Math.abs(quoted / run - 1), `seed ${seed}: quoted ${quoted}, ran ${run}`).toBeLessThan(0.15);
      if (notCharged === 0) expect(Math.abs(quoted / bill - 1), `seed ${seed}`).toBeLessThan(0.15);
    }
  },
);
