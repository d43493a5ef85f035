import { describe, expect, test } from 'vitest';
import { budgetName, reasonNotToBegin, reasonToInterrupt } from '../../../core/money/cap.ts';
import { BESIDE_AN_HOUR, LOGS_AN_ATTEMPT, START_SECONDS, TAIL_SECONDS } from '../../../core/money/rates.ts';
import { type SpendWorld, spendOf } from '../../../core/money/spend.ts';
import type { KnownAttempt } from '../../../core/money/starts.ts';

const SPOT = { type: 'g5.xlarge', purchase: 'spot', zone: 'us-east-1a' };
/** Seconds. */
const attempt = (at: number, end: number | null, more: Partial<KnownAttempt> = {}): KnownAttempt => ({
  ...{ at: at * 1000, end: end === null ? null : end * 1000, isTakenBack: false },
  ...{ trialId: `t${at}`, epochs: 3, attempt: '1-a', host: `host-${at}`, instance: SPOT },
  ...more,
});
/** $3.60 an hour: $0.001 a second. */
const price = () => ({ dollars: 3.6, kind: 'own', asOf: null, region: null }) as const;
const world = (now: number, more: Partial<SpendWorld> = {}): SpendWorld => ({
  ...{ now: now * 1000, limitSeconds: 1e6, price, expected: () => null },
  ...more,
});
const bill = (seconds: number) => {
  const all = seconds + START_SECONDS + TAIL_SECONDS;
  return all * 0.001 + (all / 3600) * BESIDE_AN_HOUR + LOGS_AN_ATTEMPT;
};
const mine = { instance: undefined };

describe('what a sweep has spent', () => {
  test('is the bill of the machines of what has ended, and of what runs until now', () => {
    const { now, foreseen } = spendOf([attempt(0, 100), attempt(50, null)], world(250));
    expect([now, foreseen]).toEqual([expect.closeTo(bill(100) + bill(200), 9), expect.closeTo(now, 9)]);
  });

  test('will be that until all that runs has ended as expected, or has run longer already', () => {
    const expected = ({ at }: { at: number }) => (at === 0 ? 1000 : 100);
    const { now, foreseen } = spendOf([attempt(0, null), attempt(1, null)], world(501, { expected }));
    expect(now).toBeCloseTo(bill(501) + bill(500), 9);
    expect(foreseen).toBeCloseTo(bill(1000) + bill(500), 9);
  });

  test('counts an attempt that never said that it ended no longer than one can take', () => {
    const { now, foreseen } = spendOf([attempt(0, null)], world(1e9, { limitSeconds: 300 }));
    expect([now, foreseen]).toEqual([expect.closeTo(bill(300), 9), expect.closeTo(bill(300), 9)]);
  });

  test('has the start and the end of a machine as soon as an attempt has begun on it, and nothing of one withdrawn', () => {
    expect(spendOf([attempt(0, null)], world(0)).now).toBeCloseTo(bill(0), 5);
    expect(spendOf([attempt(0, 0)], world(9))).toEqual({ now: 0, foreseen: 0 });
  });

  test('leaves out a Spot instance that was taken back in its first hour', () => {
    const { now } = spendOf([attempt(0, 100, { isTakenBack: true })], world(9));
    expect(now).toBeLessThan(0.01);
  });

  test("is paid once for all that runs beside each other on a machine of one's own", () => {
    const { now } = spendOf([attempt(0, 100, mine), attempt(0, 100, { ...mine, trialId: 'b' })], world(100));
    expect(now).toBeCloseTo(0.1, 9);
  });
});

describe('a budget of dollars', () => {
  const spent = (now: number, foreseen: number) => ({ firstStart: null, dollars: { now, foreseen } });

  test('lets a training begin while it lasts for that and all that runs', () => {
    expect(reasonNotToBegin({ dollars: 10 }, spent(5, 10), 0, null)).toBeNull();
    expect(reasonNotToBegin({ dollars: 10 }, spent(5, 10.01), 0, null)).toBe(
      'another training was expected to bring the total to $10.01, and budget.dollars allows $10.00',
    );
  });

  test('lets what runs go on until it is spent', () => {
    expect(reasonToInterrupt({ dollars: 10 }, spent(9.99, 50), 0)).toBeNull();
    expect(reasonToInterrupt({ dollars: 10 }, spent(10, 10), 0)).toBe(
      'budget.dollars allows $10.00, and $10.00 had been spent',
    );
  });

  test('is told apart from others, and leaves the names of those without dollars as they were', () => {
    const names = [{ hours: 1 }, { hours: 1, dollars: 1 }, { hours: 1, dollars: 2 }, { dollars: 2 }].map(budgetName);
    expect(new Set(names).size).toBe(4);
    expect(names[0]).toBe('28f6766b5fb80e87');
  });
});
