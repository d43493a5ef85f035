import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { standingOf } from '../../../core/sweep/standing.ts';
import type { CollectedTrial } from '../../../core/trial/collected.ts';
import { confirmation, record } from '../search/support.ts';

const spec = resolveSpec({ search: { space: { x: [1, 2] }, confirm: { top: 1, seeds: 1 } } });
const collected = (one: ReturnType<typeof record>): CollectedTrial => ({
  record: one,
  facts: {
    ...{ trial: one.trial, id: one.id, attempt: '1-a', modelFiles: 0, startedAt: null, seconds: null, host: null },
    ...{ attemptNumber: null, reason: null, logTail: '' },
  },
});
const ranked = (...records: ReturnType<typeof record>[]) =>
  standingOf(spec, records.map(collected)).ranked.map(({ record: { trial, value, epochs } }) => [trial, value, epochs]);

test('a trial stands by its longest training, whichever was collected last', () => {
  const [short, long] = [record(0, 9, { epochs: 1 }), record(0, 5, { epochs: 3 })];
  expect(ranked(short, long)).toEqual([[0, 5, 3]]);
  expect(ranked(long, short)).toEqual([[0, 5, 3]]);
});

test('a run that confirms is ranked nowhere, and moves the trial that it confirms', () => {
  expect(ranked(record(0, 1), record(1, 9), confirmation(0, 1, 0.5))).toEqual([
    [0, 1, 10],
    [1, 9, 10],
  ]);
});
