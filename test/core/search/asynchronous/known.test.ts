import { expect, test } from 'vitest';
import { bitmapOf } from '../../../../core/base/bitmap.ts';
import { historyOf, knownFrom } from '../../../../core/search/asynchronous/known.ts';

test('a trial that was skipped when a decision was made teaches it nothing, though it was trained since; one that failed does', () => {
  const both = bitmapOf([0, 1]);
  const seen = {
    numbers: 2,
    points: both,
    budgets: [{ epochs: 3, claimed: both, ended: both, failed: both }],
    skipped: bitmapOf([1]),
  };
  const points = new Map([0, 1].map((number) => [number, { x: number }]));
  const outcome = { value: 0.5, failureClass: null, curve: [] };
  const trained = new Map([0, 1].map((number) => [`${number}.3`, outcome]));
  for (const outcomes of [new Map<string, typeof outcome>(), trained])
    expect(historyOf(knownFrom(seen, { points, outcomes }))).toEqual([
      { number: 0, parameters: { x: 0 }, epochs: 3, value: null },
    ]);
});
