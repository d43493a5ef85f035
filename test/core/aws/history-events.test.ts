import { expect, test } from 'vitest';
import { checkEvents, estimateEvents, MAX_EVENTS } from '../../../core/aws/history-events.ts';
import { PlanTooLarge } from '../../../core/base/errors.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const spec = (trials: number, rounds: number) =>
  resolveSpec({ search: { strategy: 'random', trials, rounds, space: { x: { min: 0, max: 1 } } } });

test('events are counted by round, shard and partition', () => {
  expect(estimateEvents(spec(1, 1))).toBe(45 + 16 + 7);
  expect(estimateEvents(spec(1001, 1))).toBe(45 + 16 + 2 * 7);
  expect(estimateEvents(spec(10_001, 1))).toBe(45 + 2 * 16 + 11 * 7);
  expect(estimateEvents(spec(2, 2))).toBe(2 * (45 + 16 + 7));
});

test('the largest sweep fits into one execution', () => {
  expect(estimateEvents(spec(1_000_000, 1))).toBeLessThan(MAX_EVENTS);
});

test('a plan that does not fit is refused with its number of rounds, and the largest that fits is not', () => {
  const most = Math.floor(MAX_EVENTS / (45 + 16 + 7));
  expect(() => checkEvents(spec(most, most))).not.toThrow();
  expect(() => checkEvents(spec(most + 1, most + 1))).toThrow(PlanTooLarge);
  expect(() => checkEvents(spec(most + 1, most + 1))).toThrow(String(most + 1));
});
