import { describe, expect, test } from 'vitest';
import { evenSample } from '../../../core/base/even-sample.ts';
import { reasonNotToBegin, reasonToInterrupt, SAMPLED_RESULTS } from '../../../core/money/cap.ts';
import type { Machine } from '../../../core/money/fleet.ts';
import { BESIDE_AN_HOUR, LOGS_AN_ATTEMPT, START_SECONDS, TAIL_SECONDS } from '../../../core/money/rates.ts';
import { type SpendWorld, spendOf } from '../../../core/money/spend.ts';
import type { KnownAttempt } from '../../../core/money/starts.ts';
import { SIGTERM_GRACE_SECONDS } from '../../../core/trial/grace.ts';
import { LOOKS_A_LISTING } from '../../../runner/budget-watch.ts';
import { ORDERS_EVERY_MS } from '../../../runner/orders.ts';
import { AVAILABILITIES, type SimulatedAttempt, type SimulatedSweep, simulated } from './simulated-fleet.ts';

// The rules of a budget over a simulated fleet: 500 trials of log-normal lengths, a virtual clock, whole instances.

/** BUDGET_SEEDS=100 takes half a minute: all of these hold for as many. */
const SEEDS = Number(process.env['BUDGET_SEEDS'] ?? 20);
const price = { dollars: 3.6, kind: 'own', asOf: null, region: null } as const;
const machineOf = (trials: number): Machine => ({ type: 'g5.xlarge', purchase: 'spot', trials, price });
const INSTANCE = { type: 'g5.xlarge', purchase: 'spot', zone: 'us-east-1a' };
const RATE = price.dollars + BESIDE_AN_HOUR;
/** Seconds that a trial runs on at most when the budget has ended: until it looks, and until it is killed. */
const LATE = (LOOKS_A_LISTING * ORDERS_EVERY_MS) / 1000 + SIGTERM_GRACE_SECONDS;

const endOf = ({ start, seconds }: SimulatedAttempt) => start + seconds;
/** What the fleet would be billed if all ended at `until`: each host of it lives once. */
function billUntil(attempts: readonly SimulatedAttempt[], until = Number.POSITIVE_INFINITY): number {
  const hosts = new Map<string, { from: number; to: number; isLost: boolean }>();
  for (const attempt of attempts) {
    const { host, start, wasTakenBack } = attempt;
    const known = hosts.get(host) ?? { from: start, to: start, isLost: false };
    known.to = Math.max(known.to, Math.min(until, endOf(attempt)));
    known.isLost ||= wasTakenBack && endOf(attempt) <= until;
    hosts.set(host, known);
  }
  let dollars = attempts.length * LOGS_AN_ATTEMPT;
  for (const { from, to, isLost } of hosts.values()) {
    const hours = (to - from + START_SECONDS + (isLost ? 0 : TAIL_SECONDS)) / 3600;
    dollars += hours * (isLost && hours < 1 ? BESIDE_AN_HOUR : RATE);
  }
  return dollars;
}

const knownAt = (attempts: readonly SimulatedAttempt[], now: number): KnownAttempt[] =>
  attempts.map((attempt) => ({
    ...{ at: attempt.start * 1000, trialId: `t${attempt.trial}`, epochs: 1, attempt: `${attempt.start}` },
    ...{ host: attempt.host, instance: INSTANCE },
    ...(endOf(attempt) > now ? OPEN : { end: endOf(attempt) * 1000, isTakenBack: attempt.wasTakenBack }),
  }));
const OPEN = { end: null, isTakenBack: false };

/** By the mean of trainings that have ended, as `expectedSeconds` takes it. */
function expectedAt(attempts: readonly SimulatedAttempt[], now: number): number | null {
  const ended = attempts.filter((attempt) => endOf(attempt) <= now && !attempt.wasTakenBack);
  const sample = evenSample(ended, SAMPLED_RESULTS);
  return sample.length === 0 ? null : sample.reduce((sum, { seconds }) => sum + seconds, 0) / sample.length;
}

const worldAt = (now: number, expected: number | null): SpendWorld => ({
  ...{ now: now * 1000, limitSeconds: 1e9, price: () => price, expected: () => expected },
});

/** The attempts of a sweep under a cap, up to the moment at which the last of them has left. */
function capped(sweep: SimulatedSweep, dollars: number) {
  let asked = { foreseen: 0, begun: 0 };
  const mayBegin: SimulatedSweep['mayBegin'] = ({ host, start }, before) => {
    // Far from the cap the rule is not asked each time, which would take minutes: what has begun since costs less than this.
    const since = before.length + 1 - asked.begun;
    if (asked.foreseen + since * 2 * RATE < dollars) return true;
    const mine = { trial: -1, host, start, seconds: 1, wasTakenBack: false };
    const world = worldAt(start, expectedAt(before, start));
    const spend = { firstStart: null, dollars: spendOf(knownAt([...before, mine], start), world) };
    asked = { foreseen: spend.dollars.foreseen, begun: before.length };
    return reasonNotToBegin({ dollars }, spend, start * 1000, null) === null;
  };
  const { attempts } = simulated({ ...sweep, mayBegin });
  const isSpent = (now: number) => {
    const begun = attempts.filter(({ start }) => start <= now);
    const spend = { firstStart: null, dollars: spendOf(knownAt(begun, now), worldAt(now, null)) };
    return reasonToInterrupt({ dollars }, spend, now * 1000) !== null;
  };
  let [before, end] = [0, Math.max(...attempts.map(endOf))];
  if (!isSpent(end - 1)) return { attempts, until: end };
  while (end - before > 0.2) {
    const middle = (before + end) / 2;
    if (isSpent(middle)) end = middle;
    else before = middle;
  }
  return { attempts: attempts.filter(({ start }) => start <= end), until: end + LATE };
}

const undisturbed = (seed: number, trials: number, reclaimEvery: number | null = null): SimulatedSweep => ({
  ...{ seed, trials: 500, rounds: 1, machine: machineOf(trials), atOnce: 32, reclaimEvery },
});

describe('a cap in dollars', () => {
  test('is never exceeded by more than the machines take until all that runs has looked and left', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const slots = seed % 2 === 0 ? 1 : 4;
      const availability = AVAILABILITIES[Math.floor(seed / 2) % AVAILABILITIES.length]!;
      const sweep = { ...undisturbed(seed, slots, seed % 3 === 0 ? 7200 : null), availability };
      // A tenth to nine tenths of what all of it would cost.
      const dollars = ((0.1 + (0.8 * seed) / SEEDS) * 720) / slots;
      const { attempts, until } = capped(sweep, dollars);
      const bill = billUntil(attempts, until);
      const machines = 32 / slots;
      expect(bill, `seed ${seed}`).toBeLessThan(dollars + (machines * (LATE + 0.2) * RATE) / 3600);
      // What is left is no more than what runs was expected to take, and did not.
      expect(bill, `seed ${seed}`).toBeGreaterThan(dollars - machines * RATE);
    }
  });
});

describe('a deadline', () => {
  const trained = (sweep: SimulatedSweep, deadline: number) =>
    simulated({
      ...sweep,
      mayBegin: ({ start }, before) => {
        const budget = { deadline: new Date(deadline * 1000).toISOString() };
        return reasonNotToBegin(budget, { firstStart: null }, start * 1000, expectedAt(before, start)) === null;
      },
    }).attempts;

  test('that leaves room for all of a sweep ends none before', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const sweep = undisturbed(seed, seed % 2 === 0 ? 1 : 4);
      const end = Math.max(...simulated(sweep).attempts.map(endOf));
      expect(trained(sweep, 1.15 * end).length, `seed ${seed}`).toBe(500);
    }
  });

  test('that does not leaves time for what was begun, but for trials that are longer than others', () => {
    const sweep = undisturbed(1, 1);
    const end = 0.5 * Math.max(...simulated(sweep).attempts.map(endOf));
    const attempts = trained(sweep, end);
    const late = attempts.filter((attempt) => endOf(attempt) > end);
    expect(attempts.length).toBeGreaterThan(150);
    // Of 32 that run, those whose length is above the mean.
    expect(late.length).toBeLessThan(32 / 2);
  });
});
