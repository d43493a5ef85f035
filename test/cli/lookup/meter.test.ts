import { expect, test } from 'vitest';
import { Meter } from '../../../cli/lookup/meter.ts';
import type { PaidAttempt } from '../../../core/money/attempts.ts';
import type { SpentOptions } from '../../../core/money/spent-so-far.ts';
import type { SweepEvent } from '../../../core/sweep/events.ts';

/** A dollar a second. */
const options: SpentOptions = {
  ...{ price: () => ({ dollars: 3600, kind: 'own', asOf: null, region: null }), slots: () => null },
  machine: { host: 'mine', instance: undefined, slots: 1 },
};
const began = (trial: number, since?: number | null): SweepEvent => ({
  ...{ type: 'trial-started', trial, id: `t${trial}`, parameters: {}, epochs: 1, slot: 0, attempt: 1 },
  ...(since === undefined ? {} : { since }),
});
const paid = (trial: number, start: number, seconds: number): PaidAttempt => ({
  ...{ trial, id: `t${trial}`, host: 'mine', instance: undefined, start: start * 1000, seconds },
  ...{ outcome: 'succeeded', wasTakenBack: false },
});
const ended = (trial: number, ...attempts: PaidAttempt[]): SweepEvent => ({
  ...{ type: 'trial-ended', trial, id: `t${trial}`, status: 'succeeded', value: 1, epoch: 1, failure: null },
  ...{ seconds: 1, reused: false, paid: attempts },
});
const END: SweepEvent = { type: 'sweep-ended', sweepId: 's', status: 'interrupted' };

/** Each event at its second; what was counted before each. */
function counted(events: readonly (readonly [second: number, event: SweepEvent])[], earlier: PaidAttempt[] = []) {
  let second = 0;
  const seen: (number | null)[] = [];
  const meter = new Meter(options, () => second * 1000);
  meter.add(earlier);
  const onEvent = meter.counting((event) => {
    if (event.type === 'dollars-counted') seen.push(event.spent.dollars);
  });
  for (const [at, event] of events) {
    second = at;
    onEvent(event);
  }
  return seen.map((dollars) => Math.round(dollars ?? Number.NaN));
}

test('what runs is counted by its time, and by its result once that tells', () => {
  const events = [
    [0, began(0)],
    [9, { type: 'trial-metrics', trial: 0, id: 't0', epoch: 1, value: 1 }],
    [10, ended(0, paid(0, 1, 8))],
    [20, END],
  ] as const;
  expect(counted(events)).toEqual([0, 8]);
});

test('an interrupted attempt counts until then, and once, when a result tells of it as well', () => {
  const interrupted: SweepEvent = { type: 'trial-interrupted', trial: 0, id: 't0', attempt: 1 };
  const events = [
    [0, began(0)],
    [5, interrupted],
    [20, began(0)],
    [30, ended(0, paid(0, 0, 5), paid(0, 20, 10))],
    [40, END],
  ] as const;
  expect(counted(events.slice(0, 2))).toEqual([0, 5]);
  expect(counted(events)).toEqual([0, 5, 5, 15]);
});

test('what ran before this run counts, and twice the same once', () => {
  const before = paid(7, -100, 50);
  const events = [
    [0, began(7, null)],
    [0, ended(7, before)],
    [2, END],
  ] as const;
  expect(counted(events, [before])).toEqual([50, 50]);
});

test('at the end of the sweep all is counted, however short after the last count', () => {
  const events = [
    [0, began(0)],
    [0.5, ended(0, paid(0, 0, 0.6), paid(0, 1, 40))],
    [0.6, END],
  ] as const;
  expect(counted(events)).toEqual([0, 41]);
});
