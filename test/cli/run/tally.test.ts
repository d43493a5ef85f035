import { expect, test } from 'vitest';
import { Tally } from '../../../cli/run/tally.ts';
import type { SweepEvent } from '../../../core/sweep/events.ts';

const round = (kind: 'search' | 'rung', reused = 0): SweepEvent => ({
  ...{ type: 'round-planned', round: 0, trials: 3, reused, epochs: 1, kind },
});
const ended = (trial: number, failure: string | null, seconds = 1): SweepEvent => ({
  ...{ type: 'trial-ended', trial, id: String(trial), value: failure === null ? 1 : null, epoch: 1, seconds },
  ...{ status: failure === null ? 'succeeded' : 'failed', reused: false },
  failure: failure === null ? null : { class: failure, reason: 'r' },
});
function countsOf(...events: SweepEvent[]) {
  const tally = new Tally();
  for (const event of events) tally.count(event);
  return tally.counts;
}

test('a failed trial was trained, one that was not run was not', () => {
  const counts = countsOf(round('search'), ended(0, null), ended(1, 'timeout'), ended(2, 'not-run', 0));
  expect(counts).toEqual({ trained: 2, reused: 0, failed: 2, notRun: 1 });
});

test('a trial that was skipped has not failed, and was trained only where it had begun', () => {
  const counts = countsOf(round('search'), ended(0, 'skipped', 0), ended(1, 'skipped', 5));
  expect(counts).toEqual({ trained: 1, reused: 0, failed: 0, skipped: 2 });
});

test('a trial that was found done and goes on to a higher rung is trained', () => {
  expect(countsOf(round('search', 3), round('rung'), ended(0, null))).toEqual({ trained: 1, reused: 2, failed: 0 });
});
