import { expect, test } from 'vitest';
import { sameMetrics } from '../../../core/trial/same-metrics.ts';

const of = (values: Record<string, number | null>) => [{ epoch: 1, values }];

test('equal values in other order are the same metrics', () => {
  expect(sameMetrics(of({ a: 1, b: null }), of({ b: null, a: 1 }))).toBe(true);
});

test('one other value of any metric makes other metrics', () => {
  expect(sameMetrics(of({ accuracy: 0.1, loss: 2 }), of({ accuracy: 0.1, loss: 3 }))).toBe(false);
  expect(sameMetrics(of({ beta: 1 }), of({ beta: 2 }))).toBe(false);
  expect(sameMetrics(of({ loss: 1 }), [...of({ loss: 1 }), { epoch: 2, values: { loss: 1 } }])).toBe(false);
});

test.each(['time', 'train_runtime', 'samples_per_second', 'seconds', 'epoch/sec', 'gpu_memory', 'eta'])(
  '%s differs from run to run and tells nothing',
  (key) => {
    expect(sameMetrics(of({ loss: 1, [key]: 1 }), of({ loss: 1, [key]: 2 }))).toBe(true);
  },
);
