import { expect, test } from 'vitest';
import { BadInput } from '../../../../core/base/errors.ts';
import { grid } from '../../../../core/search/strategies/grid.ts';
import { buildSpace } from '../../../../core/space/space.ts';

const request = { seed: 0, goal: 'maximize', count: 9, history: [] } as const;

test('a grid lists every point once, the last parameter fastest', () => {
  const space = buildSpace({ a: [1, 2], b: ['x', 'y'] });
  expect([...grid.propose({ ...request, space })]).toEqual([
    { a: 1, b: 'x' },
    { a: 1, b: 'y' },
    { a: 2, b: 'x' },
    { a: 2, b: 'y' },
  ]);
});

test('a continuous range is refused by name', () => {
  const space = buildSpace({ a: [1], rate: { min: 0, max: 1, scale: 'linear', type: 'float' } });
  expect(() => grid.propose({ ...request, space })).toThrow(BadInput);
  expect(() => grid.propose({ ...request, space })).toThrow('search.space.rate');
});
