import { expect, test } from 'vitest';
import { newPoints } from '../../../core/search/next-round.ts';
import { pickTrial } from '../../../core/search/picked-trial.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const spec = (search: object) =>
  resolveSpec({
    search: { space: { batch_size: [32, 128, 64] }, ...search },
    training: { command: ['true'], source: '.' },
  });
const grid = spec({ strategy: 'grid' });

test('the first trial is picked unless another is named', () => {
  expect(pickTrial(grid, {})).toMatchObject({ trial: 0, parameters: { batch_size: 32 }, because: null });
  expect(pickTrial(grid, { trial: 2 })).toMatchObject({ trial: 2, parameters: { batch_size: 64 } });
});

test('the picked trial is the one of that number in the plan', () => {
  const random = spec({ strategy: 'random', trials: 9, space: { x: { min: 0, max: 1 } } });
  expect(pickTrial(random, { trial: 7 })?.parameters).toEqual(newPoints(random, 9)[7]);
});

test('the largest trial is picked, with the reason', () => {
  expect(pickTrial(grid, { largest: true })).toEqual({
    trial: 1,
    parameters: { batch_size: 128 },
    because: 'trial 1 of 3 has the largest batch_size',
  });
});

test('a trial beyond the plan is refused, also where the space has fewer than were asked for', () => {
  expect(() => pickTrial(grid, { trial: 3 })).toThrow('--trial: received 3; allowed: 0 to 2');
  expect(() => pickTrial(spec({ strategy: 'random', trials: 50 }), { trial: 3 })).toThrow('allowed: 0 to 2');
});

test('trials of a later round that depend on results are refused', () => {
  const learning = spec({ strategy: 'bayesian', trials: 8, rounds: 4, space: { x: { min: 0, max: 1 } } });
  expect(pickTrial(learning, { trial: 1 })?.trial).toBe(1);
  expect(() => pickTrial(learning, { trial: 2 })).toThrow('allowed: 0 to 1; what later trials are depends on results');
});

test('the largest is refused where no parameter is named as one that takes memory', () => {
  const small = spec({ space: { lr: { min: 0, max: 1 }, momentum: [0.5, 0.9] } });
  expect(() => pickTrial(small, { largest: true })).toThrow('--largest: no parameter of lr, momentum is named');
});
