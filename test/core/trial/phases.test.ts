import { expect, test } from 'vitest';
import { PhaseClock } from '../../../core/trial/phases.ts';

test('an attempt fetches until its program begins, and trains until that ends', () => {
  const clock = new PhaseClock(1_000);
  expect(clock.phases(3_000)).toEqual({ fetching: 2, training: 0 });
  clock.programBegins(4_000);
  expect(clock.phases(9_000)).toEqual({ fetching: 3, training: 5 });
  clock.programEnded(10_000);
  expect(clock.phases(20_000)).toEqual({ fetching: 3, training: 6 });
});

test('what it trained since its state was stored counts from there, and no further than the end of its program', () => {
  const clock = new PhaseClock(1_000);
  expect(clock.trainedSince(null, 3_000)).toBe(0);
  clock.programBegins(4_000);
  expect(clock.trainedSince(null, 9_000)).toBe(5);
  expect(clock.trainedSince(7_000, 9_000)).toBe(2);
  clock.programEnded(10_000);
  expect(clock.trainedSince(7_000, 20_000)).toBe(3);
  expect(clock.trainedSince(11_000, 20_000)).toBe(0);
});
