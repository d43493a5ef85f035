import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { sweepWarnings } from '../../../core/sweep/warnings.ts';

const spec = (...command: string[]) =>
  resolveSpec({
    search: { space: { lr: [1, 2], depth: [1, 2] } },
    ...(command.length === 0 ? {} : { training: { command } }),
  });
const trials = (...values: (number | null)[]) => values.map((value) => ({ value }));

test('one trial speaks for all with the same warning', () => {
  const warnings = [{ about: 'steps' as const, text: 'it counts steps' }];
  const byTrial = [{ trial: 0 }, { trial: 1, warnings }, { trial: 2, warnings }, { trial: 3, warnings }];
  expect(sweepWarnings(spec('a'), trials(1, 2), { byTrial })).toEqual([
    'trial 1: it counts steps (and 2 other trials)',
  ]);
});

test('trials of one value hint that the program reads no parameters', () => {
  expect(sweepWarnings(spec('a'), trials(0.5, 0.5, null, 0.5), { byTrial: [] })).toEqual([
    expect.stringMatching(/^all 3 trials gave 0.5, .*the variables LR, DEPTH, and \{args\}/),
  ]);
});

test('they hint at a program that ignores its arguments, unless the metric may be saturated', () => {
  const hint = (value: number) => sweepWarnings(spec('a', '{args}'), trials(value, value, value), { byTrial: [] });
  expect(hint(0.95)).toEqual([expect.stringMatching(/^all 3 trials gave 0.95, .* ignore its arguments/)]);
  expect([0, 1, 100].flatMap(hint)).toEqual([]);
});

test.each([
  ['values differ', spec('a'), trials(1, 1, 2)],
  ['there are two of them', spec('a'), trials(1, 1)],
  ['the command holds all parameters', spec('a', '{args}'), trials(1, 1, 1)],
  ['the command holds each parameter', spec('a', '{lr}', 'x={depth}'), trials(1, 1, 1)],
  ['the built-in trainer trains', spec(), trials(1, 1, 1)],
])('there is no such hint where %s', (_, given, values) => {
  expect(sweepWarnings(given, values, { byTrial: [] })).toEqual([]);
});
