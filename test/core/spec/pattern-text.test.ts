import { expect, test } from 'vitest';
import { escapedForPattern, wandbSummaryPattern } from '../../../core/spec/pattern-text.ts';

test('a text matches itself, whatever signs it has', () => {
  const text = String.raw`a.b*c+d?e^f$g{h}i(j)k|l[m]n\o`;
  expect(new RegExp(`^${escapedForPattern(text)}$`).test(text)).toBe(true);
});

test("W&B's summary names the metric as it is", () => {
  expect(wandbSummaryPattern('val.acc')).toBe(String.raw`wandb: +val\.acc +{number}`);
});
