import { expect, test } from 'vitest';
import { earlyStop } from '../../../core/trial/early-stop.ts';
import { isOutOfPatience } from '../../../core/trial/patience.ts';
import { metricsOf, stoppingBy } from './support.ts';

const stop = (...values: (number | null)[]) => earlyStop(stoppingBy({ patience: 3 }), metricsOf(...values), null, 10);

test('patience runs out at the epoch that makes it full, not one before', () => {
  const at = (epoch: number) => isOutOfPatience({ epoch, best: 1, improvedAt: 2 }, 3);
  expect([at(4), at(5), at(6)]).toEqual([false, true, true]);
});

test('a trial that has not improved for so many epochs ends', () => {
  expect(stop(1, 2, 2, 1, 2)).toEqual({ rule: 'patience', epoch: 5 });
});

test('a trial that improves goes on', () => {
  expect(stop(1, 2, 2, 1, 3)).toBeNull();
});

test('a value that is not finite is no improvement', () => {
  expect(stop(1, null, null, null)).toEqual({ rule: 'patience', epoch: 4 });
});

test('a trial without any finite value runs out of patience too', () => {
  expect(stop(null, null, null)).toEqual({ rule: 'patience', epoch: 3 });
});
