import { describe, expect, test } from 'vitest';
import { strategies } from '../../../../core/search/strategies/index.ts';
import type { Range } from '../../../../core/space/parameter.ts';
import { buildSpace, type Parameters } from '../../../../core/space/space.ts';
import type { ProposerName } from '../../../../core/spec/rungs.ts';

const range = (given: Partial<Range> & { min: number; max: number }): Range => ({
  scale: 'linear',
  type: 'float',
  ...given,
});

const space = buildSpace({
  learning_rate: range({ min: 0.0001, max: 0.3, scale: 'log' }),
  batch_size: [32, 64, 128],
  dropout: range({ min: 0, max: 0.5, step: 0.1 }),
  optimizer: ['adam', 'sgd'],
  'optimizer.momentum': range({ min: 0.8, max: 0.99, when: { optimizer: 'sgd' } }),
});

function first(name: ProposerName, n: number, seed = 0, where = space): Parameters[] {
  const points: Parameters[] = [];
  for (const point of strategies[name].propose({ space: where, seed, goal: 'maximize', count: n, history: [] })) {
    if (points.push(point) === n) break;
  }
  return points;
}

describe('random', () => {
  test('draws these points first', () => {
    expect(first('random', 3)).toEqual([
      { batch_size: 128, dropout: 0.4, learning_rate: 0.000598581, optimizer: 'sgd', 'optimizer.momentum': 0.879687 },
      { batch_size: 64, dropout: 0, learning_rate: 0.00198611, optimizer: 'adam' },
      { batch_size: 32, dropout: 0.5, learning_rate: 0.031246, optimizer: 'adam' },
    ]);
  });

  test('draws others under another seed', () => {
    expect(first('random', 3, 1)).not.toEqual(first('random', 3));
  });
});

describe('sobol', () => {
  test('draws these points first', () => {
    expect(first('sobol', 4)).toEqual([
      { batch_size: 64, dropout: 0.5, learning_rate: 0.253589, optimizer: 'adam' },
      { batch_size: 64, dropout: 0.2, learning_rate: 0.00380075, optimizer: 'sgd', 'optimizer.momentum': 0.946755 },
      { batch_size: 128, dropout: 0.3, learning_rate: 0.00918223, optimizer: 'adam' },
      { batch_size: 32, dropout: 0, learning_rate: 0.000239348, optimizer: 'sgd', 'optimizer.momentum': 0.811915 },
    ]);
  });

  test('draws others under another seed', () => {
    expect(first('sobol', 3, 1)).not.toEqual(first('sobol', 3));
  });

  test('gives each of 4 choices 16 of 64 trials', () => {
    const points = first('sobol', 64, 9, buildSpace({ a: [1, 2, 3, 4], b: range({ min: 0, max: 1 }) }));
    expect([1, 2, 3, 4].map((a) => points.filter((point) => point['a'] === a).length)).toEqual([16, 16, 16, 16]);
  });
});

describe('grid', () => {
  test('lists every point in the same order under every seed', () => {
    const small = buildSpace({ a: [1, 2], b: ['x', 'y'] });
    expect(first('grid', 9, 3, small)).toEqual(first('grid', 9, 0, small));
    expect(first('grid', 9, 0, small)).toHaveLength(4);
  });

  test('refuses a continuous range by name', () => {
    expect(() => first('grid', 1)).toThrow(
      /^search\.space\.learning_rate: is a continuous range, which a grid cannot enumerate/,
    );
  });
});
