import { expect, test } from 'vitest';
import { busySeconds } from '../../../core/sweep/busy-time.ts';

const at = (second: number, seconds: number | null) => ({ startedAt: new Date(second * 1000).toISOString(), seconds });

test('trainings at the same time count once', () => {
  expect(busySeconds([at(0, 10), at(5, 10), at(6, 2)])).toBe(15);
});

test('the time between an interruption and going on does not count', () => {
  expect(busySeconds([at(1000, 5), at(0, 10)])).toBe(15);
});

test('is not known without a training whose time is known', () => {
  expect(busySeconds([])).toBeNull();
  expect(busySeconds([at(0, null), { startedAt: null, seconds: 3 }])).toBeNull();
});
