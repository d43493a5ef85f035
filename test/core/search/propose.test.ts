import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { propose, type Wanted } from '../../../core/search/propose.ts';
import type { Range } from '../../../core/space/parameter.ts';
import { buildSpace, contains, gridPoints, pointFrom, pointKey, satisfies } from '../../../core/space/space.ts';
import { spaceSpecs, units } from '../space/arbitrary.ts';

const range = (given: Partial<Range> & { min: number; max: number }): Range => ({
  scale: 'linear',
  type: 'float',
  ...given,
});

const defaults = { strategy: 'random', seed: 0, goal: 'maximize', initial: [], history: [], skip: 0 } as const;
const ask = (wanted: Partial<Wanted> & Pick<Wanted, 'space' | 'count'>) => propose({ ...defaults, ...wanted });

const line = buildSpace({ x: range({ min: 0, max: 1 }) });
const optimizers = buildSpace({
  learning_rate: range({ min: 0.0001, max: 0.3, scale: 'log' }),
  optimizer: ['adam', 'sgd', 'lamb'],
  momentum: { choices: [0.8, 0.9], when: { optimizer: ['sgd', 'lamb'] } },
});

const draws = fc.constantFrom<Wanted['strategy']>('random', 'sobol');

describe('every proposal', () => {
  test('lies in the space and is proposed once', () => {
    fc.assert(
      fc.property(spaceSpecs(), draws, fc.nat(), (spec, strategy, seed) => {
        const space = buildSpace(spec);
        const points = ask({ space, strategy, seed, count: 40 });
        expect(points.filter((point) => !contains(space, point).ok)).toEqual([]);
        expect(new Set(points.map(pointKey)).size).toBe(points.length);
      }),
    );
  });

  test('is the same whatever the order of keys in the document', () => {
    fc.assert(
      fc.property(spaceSpecs(), draws, (spec, strategy) => {
        const turned = buildSpace(Object.fromEntries(Object.entries(spec).reverse()));
        expect(ask({ space: turned, strategy, count: 20 })).toEqual(
          ask({ space: buildSpace(spec), strategy, count: 20 }),
        );
      }),
    );
  });

  test('repeats under its seed and differs under another', () => {
    fc.assert(
      fc.property(draws, fc.nat(), (strategy, seed) => {
        const points = ask({ space: line, strategy, seed, count: 5 });
        expect(ask({ space: line, strategy, seed, count: 5 })).toEqual(points);
        expect(ask({ space: line, strategy, seed: seed + 1, count: 5 })).not.toEqual(points);
      }),
    );
  });
});

test('rounds cut one sequence wherever they end', () => {
  const strategy = fc.constantFrom<Wanted['strategy']>('random', 'sobol', 'grid');
  fc.assert(
    fc.property(spaceSpecs('finite'), strategy, fc.nat(40), fc.nat(40), units, (spec, name, skip, count, unit) => {
      const space = buildSpace(spec);
      const initial = [pointFrom(space, unit), {}];
      const whole = ask({ space, strategy: name, initial, count: skip + count });
      const later = ask({ space, strategy: name, initial, skip, count });
      expect([...whole.slice(0, skip), ...later]).toEqual(whole);
    }),
  );
});

describe('a finite space', () => {
  test('asked for more points than it has yields each once', () => {
    const strategy = fc.constantFrom<Wanted['strategy']>('random', 'sobol', 'grid');
    fc.assert(
      fc.property(spaceSpecs('finite'), strategy, fc.nat(), (spec, name, seed) => {
        const space = buildSpace(spec);
        const points = ask({ space, strategy: name, seed, count: space.size + 5 });
        expect(points.map(pointKey).sort()).toEqual([...gridPoints(space)].map(pointKey).sort());
      }),
      { numRuns: 60 },
    );
  });

  test('that draws hardly ever exhaust still yields its last points, in an order of the seed', () => {
    const space = buildSpace({ n: range({ min: 1, max: 20_000, type: 'integer', scale: 'log' }) });
    const points = ask({ space, count: 20_001 }).map((point) => point['n'] as number);
    expect(points.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1));
    expect(points.slice(-100)).not.toEqual(points.slice(-100).sort((a, b) => a - b));
    expect(ask({ space, skip: 19_990, count: 20 }).map((point) => point['n'])).toEqual(points.slice(-10));
  });
});

test('a range too narrow for 6 digits ends instead of drawing for ever', () => {
  const narrow = buildSpace({ x: range({ min: 0.1, max: 0.100002 }) });
  expect(
    ask({ space: narrow, count: 10 })
      .map((point) => point['x'])
      .sort(),
  ).toEqual([0.1, 0.100001, 0.100002]);
});

describe('initial points', () => {
  test('come first, in their order', () => {
    const initial = [{ x: 0.123456789 }, { x: 0.5 }];
    expect(ask({ space: line, initial, count: 3 }).slice(0, 2)).toEqual(initial);
  });

  test('are not proposed again', () => {
    const points = ask({ space: line, count: 2 });
    expect(ask({ space: line, initial: [points[1]!, points[1]!], count: 2 })).toEqual(points.toReversed());
  });

  test('are completed by a draw of their own', () => {
    const [first, second] = ask({
      space: optimizers,
      initial: [{ optimizer: 'adam' }, { optimizer: 'adam' }],
      count: 2,
    });
    expect(first).toEqual({ learning_rate: expect.any(Number), optimizer: 'adam' });
    expect(second).not.toEqual(first);
  });

  test('that give a conditional parameter draw a parent that makes it active', () => {
    const initial = Array.from({ length: 20 }, () => ({ momentum: 0.9 }));
    const drawn = ask({ space: optimizers, initial, count: 20 }).map((point) => point['optimizer']);
    expect(new Set(drawn)).toEqual(new Set(['lamb', 'sgd']));
  });

  test('keep a null that they give', () => {
    const space = buildSpace({ a: [1, 2, 3, 4, null] });
    expect(ask({ space, initial: [{ a: null }], count: 1 })).toEqual([{ a: null }]);
  });

  test("of a grid are completed from the grid's values, and the grid goes on without them", () => {
    const space = buildSpace({ a: [1, 2], b: range({ min: 0, max: 0.2, step: 0.1 }) });
    const points = ask({ space, strategy: 'grid', initial: [{ a: 2 }], count: 10 });
    expect(points[0]!['a']).toBe(2);
    expect(points.slice(1)).toEqual([...gridPoints(space)].filter((point) => pointKey(point) !== pointKey(points[0]!)));
  });

  test('that do not lie in the space are passed over', () => {
    expect(ask({ space: line, initial: [{ x: 7 }, { y: 1 }], count: 3 })).toEqual(ask({ space: line, count: 3 }));
  });

  test('always lie in the space once completed', () => {
    fc.assert(
      fc.property(spaceSpecs(), units, fc.nat({ max: 4 }), (spec, unit, left) => {
        const space = buildSpace(spec);
        const given = Object.entries(pointFrom(space, unit)).slice(left);
        const [point] = ask({ space, initial: [Object.fromEntries(given)], count: 1 });
        expect(contains(space, point!)).toEqual({ ok: true });
        expect(point).toMatchObject(Object.fromEntries(given));
      }),
    );
  });
});

test('points of the history are not proposed again', () => {
  const known = ask({ space: line, count: 3 });
  const history = known.map((parameters) => ({ parameters, value: null, epochs: 1 }));
  expect(ask({ space: line, history, count: 3 })).toEqual(ask({ space: line, skip: 3, count: 3 }));
});

test('no points are proposed where none are wanted', () => {
  expect(ask({ space: line, count: 0 })).toEqual([]);
});

describe('constraints', () => {
  const third = buildSpace({ x: range({ min: 0, max: 1 }), y: range({ min: 0, max: 1 }) }, ['3 * x < y * 2']);
  const few = buildSpace(
    { a: range({ min: 1, max: 400, type: 'integer' }), b: range({ min: 1, max: 400, type: 'integer' }) },
    ['a + b < 5'],
  );
  // Outside, and the better the farther.
  const history = Array.from({ length: 30 }, (_, index) => ({
    parameters: pointFrom(third, [0.5 + index / 60, 0.5 - index / 60]),
    value: index,
    epochs: 1,
  }));

  test.each(['random', 'sobol', 'bayesian'] as const)('are kept by every proposal of %s', (strategy) => {
    const points = ask({ space: third, strategy, history: strategy === 'bayesian' ? history : [], count: 40 });
    expect(points).toHaveLength(40);
    expect(points.filter((point) => !satisfies(third, point))).toEqual([]);
  });

  test.each(['grid', 'random', 'sobol', 'bayesian'] as const)('leave %s every point that keeps to them', (strategy) => {
    expect(ask({ space: few, strategy, count: 100 })).toHaveLength(6);
  });

  test('let rounds cut one sequence', () => {
    const all = ask({ space: third, count: 20 });
    expect([...ask({ space: third, count: 7 }), ...ask({ space: third, skip: 7, count: 13 })]).toEqual(all);
  });

  test('are kept by what an initial point leaves out', () => {
    const [point] = ask({ space: third, initial: [{ x: 0.6 }], count: 1 });
    expect(point!['x']).toBe(0.6);
    expect(point!['y']).toBeGreaterThan(0.9);
  });

  test('end the proposals where next to nothing is left', () => {
    const space = buildSpace({ x: range({ min: 0, max: 1 }) }, ['x < 0']);
    expect(ask({ space, count: 1 })).toEqual([]);
  });

  test('do not let results outside of them count as points of the space', () => {
    const outside = [1, 2, 3, 4, 5, 6].map((b) => ({ parameters: { a: 9, b }, value: b, epochs: 1 }));
    expect(ask({ space: few, strategy: 'bayesian', history: outside, count: 100 })).toHaveLength(6);
  });
});
