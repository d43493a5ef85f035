import { expect, test } from 'vitest';
import { BadInput } from '../../../core/base/errors.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { checkFormat, checkResumable } from '../../../core/sweep/resume.ts';

const spec = (search: object = {}, more: object = {}, training: object = {}) =>
  resolveSpec({
    sweepId: 's',
    search: { strategy: 'random', trials: 4, space: { x: { min: 0, max: 1 } }, ...search },
    training: { epochs: 9, ...training },
    ...more,
  });

const fields = (before: ReturnType<typeof spec>, now: ReturnType<typeof spec>, planned = 4) => {
  try {
    checkResumable(before, now, planned);
    return [];
  } catch (error) {
    if (error instanceof BadInput) return error.problems.map(({ field }) => field);
    throw error;
  }
};

test('of a grid, which counts its own trials, fewer are no mistake', () => {
  const grid = (...values: number[]) => spec({ strategy: 'grid', trials: undefined, space: { x: values } });
  expect(fields(grid(1, 2), grid(1, 2), 3)).toEqual([]);
  expect(fields(spec({ trials: 4 }), spec({ trials: 4 }), 5)).toEqual(['search.trials']);
});

test('a sweep may grow, stop elsewhere, confirm, train longer, and be ranked by another objective', () => {
  const now = spec(
    { trials: 9, rounds: 3, stop: { value: 1 }, confirm: {} },
    { objective: { metric: 'f1', goal: 'minimize', at: 'last' }, tolerance: { failedTrials: 9 }, keep: { models: 9 } },
    { epochs: 20 },
  );
  expect(fields(spec(), now)).toEqual([]);
});

test('what decides its trials may not change, and each changed field is named', () => {
  const now = spec({ seed: 1, space: { x: { min: 0, max: 2 } } }, { name: 'other' }, { seed: 3 });
  expect(fields(spec(), now)).toEqual(['name', 'search.seed', 'search.space.x.max', 'training.seed']);
});

test('with a pattern the objective may not change: only what it matched was kept', () => {
  const objective = { metric: 'f1', pattern: 'f1: (.*)' };
  expect(fields(spec({}, { objective }), spec({}, { objective: { ...objective, metric: 'acc' } }))).toEqual([
    'objective.metric',
  ]);
});

test('no fewer trials are asked for than are planned', () => {
  expect(fields(spec(), spec({ trials: 4 }), 4)).toEqual([]);
  expect(fields(spec(), spec({ trials: 4 }), 5)).toEqual(['search.trials']);
});

test('rungs stay as they were laid', () => {
  const halving = (epochs: number) => spec({ strategy: 'halving', trials: 9 }, {}, { epochs });
  expect(fields(halving(9), halving(27))).toEqual(['training.epochs']);
});

test('a sweep of the first format is refused by name, and one of this format or none is not', () => {
  expect(() => checkFormat({ ...spec(), format: 1 }, 's')).toThrow(/^sweepId: the sweep s .*format 1/);
  checkFormat(spec(), 's');
  checkFormat(null, 's');
});
