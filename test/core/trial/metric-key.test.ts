import { expect, test } from 'vitest';
import { keyFor } from '../../../core/trial/metric-key.ts';

test.each([
  ['eval/accuracy', ['eval.accuracy', 'loss'], 'eval.accuracy'],
  ['eval accuracy', ['eval_accuracy'], 'eval_accuracy'],
  ['acc', ['  acc'], '  acc'],
  ['eval/acc', ['eval/acc', 'eval.acc'], 'eval/acc'],
  ['eval/acc', ['eval_acc', 'eval.acc'], undefined],
  ['acc', ['accuracy'], undefined],
])('%s among %j is %s', (metric, keys, expected) => {
  expect(keyFor(metric, keys)).toBe(expected);
});
