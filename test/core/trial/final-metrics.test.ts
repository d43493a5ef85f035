import { expect, test } from 'vitest';
import { finalMetrics } from '../../../core/trial/final-metrics.ts';

const read = (text: string, epochs: number) =>
  finalMetrics(new TextEncoder().encode(text), epochs).map(({ epoch, values }) => ({ epoch, values }));

test.each([
  ['one object', '{"accuracy": 0.9}'],
  ['an object over several lines', '{\n  "accuracy": 0.9\n}\n'],
])('%s holds final values, those of the last epoch', (_, text) => {
  expect(read(text, 7)).toEqual([{ epoch: 7, values: { accuracy: 0.9 } }]);
});

test('an object that says its epoch keeps it', () => {
  expect(read('{"epoch": 3, "accuracy": 0.9}', 7)).toEqual([{ epoch: 3, values: { accuracy: 0.9 } }]);
});

test('lines are epochs, also without numbers', () => {
  expect(read('{"a": 1}\n{"a": 2}\n', 7)).toEqual([
    { epoch: null, values: { a: 1 } },
    { epoch: null, values: { a: 2 } },
  ]);
});
