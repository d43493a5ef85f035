import { expect, test } from 'vitest';
import { readMetricsText } from '../../../core/trial/metrics-text.ts';
import { whereItMayBe } from '../../../core/trial/missing-metric.ts';

const CSV = { name: 'logs/a.csv', keys: ['loss', 'acc'] };
const OTHER = { name: 'MODEL_DIR/b.json', keys: Array.from({ length: 9 }, (_, index) => `k${index}`) };

test.each([
  ['nothing', '', [], ''],
  ['a text in place of a number', '{"acc": "high"}\n', [], '; acc was "high", which is not a number'],
  [
    'a line that is no JSON',
    'acc 0.5\n',
    [],
    '; line 1 of METRICS_FILE was passed over, because it is not a JSON object: "acc 0.5"',
  ],
  [
    'a file with the metric, before others',
    '',
    [OTHER, CSV],
    '; it wrote numbers to logs/a.csv (loss, acc), which objective.file can name',
  ],
  [
    'other files, with a few keys',
    '',
    [OTHER],
    '; it wrote numbers to b.json (k0, k1, k2, k3, k4, k5, k6, k7, ...), which objective.file can name',
  ],
])('of %s is said', (_, text, files, expected) => {
  expect(whereItMayBe('acc', readMetricsText(text), files)).toBe(expected);
});

test.each([
  ['its name', 'Epoch 3 loss: 1.5 acc: 0.5\n', '; it printed acc, which objective.pattern reads as "acc: {number}"'],
  [
    'its name after words',
    'final test acc = .5\n',
    '; it printed acc, which objective.pattern reads as "acc = {number}"',
  ],
  ['its name in quotes', "{'acc': 0.5}\n", `; it printed acc, which objective.pattern reads as "'acc': {number}"`],
  ['its name in capitals', 'ACC:91%\n', '; it printed ACC, which objective.pattern reads as "ACC:{number}"'],
  [
    'other names',
    'val loss: 2\nval loss: 1 F1=1\n',
    '; it printed numbers as val loss, F1, which objective.pattern can read',
  ],
  [
    'another name in quotes',
    "{'test acc': 0.5}\n",
    '; it printed numbers as test acc, which objective.pattern can read',
  ],
  ['no number', 'acc: none\n', ''],
])('of a program that printed %s is said', (_, log, expected) => {
  expect(whereItMayBe('acc', readMetricsText(''), [], log)).toBe(expected);
});

test('a name of two words is known by its underscore', () => {
  expect(whereItMayBe('val_accuracy', null, [], 'Val Accuracy: 0.5')).toContain('"Val Accuracy: {number}"');
});
