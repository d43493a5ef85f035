import { describe, expect, test } from 'vitest';
import { accountOf } from '../../../core/money/account.ts';
import type { PaidAttempt } from '../../../core/money/attempts.ts';
import { BESIDE_AN_HOUR, LOGS_AN_ATTEMPT, START_SECONDS, TAIL_SECONDS } from '../../../core/money/rates.ts';
import { type OpenAttempt, type SpentOptions, spentAt, spentSoFar } from '../../../core/money/spent-so-far.ts';

const INSTANCE = { type: 'g5.xlarge', purchase: 'spot', zone: 'us-east-1a' };
/** $3.60 an hour: $0.001 a second. */
const price = () => ({ dollars: 3.6, kind: 'own', asOf: null, region: null }) as const;
const onAws = (slots = 1): SpentOptions => ({
  ...{ price, slots: () => slots },
  machine: { host: null, instance: INSTANCE, slots },
});
const here: SpentOptions = { price, slots: () => null, machine: { host: 'mine', instance: undefined, slots: 1 } };
/** Seconds. */
const open = (trial: number, start: number, end: number | null = null): OpenAttempt => ({
  ...{ trial, id: `t${trial}`, start: start * 1000, end: end === null ? null : end * 1000 },
});
const ended = (trial: number, start: number, seconds: number, over: Partial<PaidAttempt> = {}): PaidAttempt => ({
  ...{ trial, id: `t${trial}`, host: 'a', instance: INSTANCE, start: start * 1000, seconds },
  ...{ outcome: 'succeeded', wasTakenBack: false },
  ...over,
});
const bill = (seconds: number, trials = 1) => {
  const all = seconds + START_SECONDS + TAIL_SECONDS;
  return all * 0.001 + (all / 3600) * BESIDE_AN_HOUR + trials * LOGS_AN_ATTEMPT;
};
const RATE = 3.6 + BESIDE_AN_HOUR;
const dollars = (...args: Parameters<typeof spentSoFar>) => spentSoFar(...args).dollars;

describe('what a sweep has cost while it runs', () => {
  test('is the bill of what runs as if it ended now, and what an hour of its machines costs', () => {
    const spent = spentSoFar([], [open(0, 0), open(1, 0)], onAws(), 100_000);
    expect(spent.dollars).toBeCloseTo(2 * bill(100), 9);
    expect(spent.perHour).toBeCloseTo(2 * RATE, 6);
    expect(spentAt(spent, 100_000 + 1_800_000)).toBeCloseTo(2 * bill(100) + RATE, 6);
  });

  test('bills a machine once for all that share it, running or not', () => {
    const four = [open(0, 0), open(1, 1), open(2, 2), open(3, 3)];
    expect(dollars([], four, onAws(4), 100_000)).toBeCloseTo(bill(100, 4), 9);
    expect(dollars([ended(9, 0, 50)], four.slice(1), onAws(4), 100_000)).toBeCloseTo(bill(100, 4), 9);
    expect(spentSoFar([], four, onAws(4), 100_000).perHour).toBeCloseTo(RATE, 6);
    expect(dollars([ended(9, 0, 100)], four, onAws(4), 100_000)).toBeCloseTo(bill(100, 4) + bill(100), 1);
  });

  test('takes a trial to run on the machine whose slot was free when it began', () => {
    expect(dollars([ended(0, 0, 50)], [open(1, 60)], onAws(), 100_000)).toBeCloseTo(bill(100, 2), 9);
    // Batch has ended that one long ago.
    const later = START_SECONDS + TAIL_SECONDS + 51;
    const both = bill(50) + bill(10);
    expect(dollars([ended(0, 0, 50)], [open(1, later)], onAws(), (later + 10) * 1000)).toBeCloseTo(both, 9);
  });

  test('counts an attempt that was interrupted until then, and no longer', () => {
    const spent = spentSoFar([], [open(0, 0, 100)], onAws(), 500_000);
    expect([spent.dollars, spent.perHour]).toEqual([expect.closeTo(bill(100), 9), 0]);
  });

  test("is an hour of a machine of one's own, however many run on it", () => {
    const spent = spentSoFar([], [open(0, 0), open(1, 0), open(2, 0)], here, 100_000);
    expect([spent.dollars, spent.perHour]).toEqual([expect.closeTo(0.1, 9), expect.closeTo(3.6, 9)]);
  });

  test('is what the account says once all has ended', () => {
    const all = [ended(0, 0, 100), ended(1, 90, 100, { host: 'b' }), ended(2, 120, 300, { outcome: 'failed' })];
    expect(dollars(all, [], onAws(), 1e9)).toBe(accountOf(all, { ...onAws(), best: null }).dollars);
  });

  test('is not known where no price is, and says what it lacks where some are', () => {
    const unknown = { ...onAws(), price: () => null };
    expect(spentSoFar([], [open(0, 0)], unknown, 1000)).toMatchObject({ dollars: null, perHour: 0 });
    const some: SpentOptions = { ...onAws(), price: (of) => (of?.type === 'g5.xlarge' ? price() : null) };
    const other = ended(0, 0, 50, { host: 'b', instance: { ...INSTANCE, type: 'own.large' } });
    expect(spentSoFar([other], [open(1, 0)], some, 100_000)).toMatchObject({
      ...{ dollars: expect.closeTo(bill(100), 9), unpriced: 1 },
    });
  });
});
