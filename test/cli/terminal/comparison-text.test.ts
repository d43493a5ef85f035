import { expect, test } from 'vitest';
import { comparisonText } from '../../../cli/terminal/comparison-text.ts';
import type { Comparison, ComparisonColumn } from '../../../core/sweep/compare.ts';

const column = (sweepId: string): ComparisonColumn => ({
  sweepId,
  metric: 'val_accuracy',
  goal: 'maximize',
  trials: { planned: 8, succeeded: 8, failed: 0 },
  best: null,
  quartiles: null,
  trialsToTarget: null,
  secondsToTarget: null,
  seconds: null,
});
const comparison = (count: number): Comparison => ({
  target: null,
  sweeps: Array.from({ length: count }, (_, n) => column(`digits-${n}0000000`)),
  changed: [{ field: 'search.space.learning_rate', values: Array.from({ length: count }, () => 'x'.repeat(60)) }],
});
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

test('two sweeps stand side by side on 60 columns, long values cut to their share', () => {
  const text = comparisonText(comparison(2), 60);
  expect(widest(text.split('\n\n')[0]!)).toBeLessThanOrEqual(60);
  expect(text).not.toContain('not shown');
  expect(text).toContain('…');
});

test('sweeps for which there is no room are named', () => {
  expect(comparisonText(comparison(4), 60)).toContain('not shown: digits-20000000, digits-30000000');
});

test('a pipe gets more of a value than a narrow terminal', () => {
  expect(widest(comparisonText(comparison(2), Number.POSITIVE_INFINITY))).toBeGreaterThan(100);
});
