import { expect, test } from 'vitest';
import { foreseenRounds, foreseenTrials } from '../../../core/search/forecast.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const spec = (search: object, epochs = 9) =>
  resolveSpec({ search: { space: { x: { min: 0, max: 1 } }, ...search }, training: { epochs } });

test('a search is foreseen round by round', () => {
  expect(foreseenRounds(spec({ trials: 5, rounds: 2 }))).toEqual([
    { kind: 'search', trials: 3, epochs: 9 },
    { kind: 'search', trials: 2, epochs: 9 },
  ]);
});

test('halving is foreseen rung by rung, and its rungs hold no trials of their own', () => {
  const halving = spec({ strategy: 'halving', trials: 9 });
  expect(foreseenRounds(halving)).toEqual([
    { kind: 'search', trials: 9, epochs: 1 },
    { kind: 'rung', trials: 3, epochs: 3 },
    { kind: 'rung', trials: 1, epochs: 9 },
  ]);
  expect(foreseenTrials(halving)).toBe(9);
});

test('a confirmation is foreseen last, each of the best under each seed', () => {
  const confirming = spec({ trials: 5, confirm: { top: 2, seeds: 3 } });
  expect(foreseenRounds(confirming).at(-1)).toEqual({ kind: 'confirm', trials: 6, epochs: 9 });
  expect(foreseenTrials(confirming)).toBe(11);
});

test('no more trials are confirmed than reach the full budget', () => {
  const confirming = spec({ strategy: 'halving', trials: 9, confirm: { top: 3, seeds: 2 } });
  expect(foreseenRounds(confirming).at(-1)).toEqual({ kind: 'confirm', trials: 2, epochs: 9 });
});
