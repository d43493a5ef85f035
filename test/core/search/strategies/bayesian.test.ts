import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { propose, type Wanted } from '../../../../core/search/propose.ts';
import type { Observation } from '../../../../core/search/strategies/strategy.ts';
import type { Range } from '../../../../core/space/parameter.ts';
import {
  buildSpace,
  contains,
  type Parameters,
  pointFrom,
  pointKey,
  type Space,
} from '../../../../core/space/space.ts';
import { spaceSpecs } from '../../space/arbitrary.ts';

const range = (given: Partial<Range> & { min: number; max: number }): Range => ({
  scale: 'linear',
  type: 'float',
  ...given,
});

const defaults = { strategy: 'bayesian', seed: 0, goal: 'maximize', initial: [], skip: 0 } as const;
const ask = (wanted: Partial<Wanted> & Pick<Wanted, 'space' | 'count' | 'history'>) =>
  propose({ ...defaults, ...wanted });

const plane = buildSpace({ x: range({ min: 0, max: 1 }), y: range({ min: 0.001, max: 1, scale: 'log' }) });

/** Where numbers are so small that they lose digits, a power of two changes them. */
const withoutTraces = (value: number) => (Math.abs(value) < 1e-200 ? 0 : value);

/** Results of random points; about one in eight failed. */
const histories = (space: Space) =>
  fc
    .array(
      fc.tuple(
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 8, maxLength: 8 }),
        fc.option(fc.double({ min: -1e3, max: 1e3, noNaN: true }).map(withoutTraces), { freq: 8 }),
      ),
      { minLength: 0, maxLength: 24 },
    )
    .map((drawn) => {
      const seen = new Map<string, Observation>();
      for (const [unit, value] of drawn) {
        const parameters = pointFrom(space, unit);
        seen.set(pointKey(parameters), { parameters, value, epochs: 1 });
      }
      return [...seen.values()];
    });

const cases = spaceSpecs().chain((spec) => {
  const space = buildSpace(spec);
  return fc.tuple(fc.constant(space), histories(space), fc.nat(1000));
});

describe('every proposal', () => {
  test('lies in the space, is new, and is made once', () => {
    fc.assert(
      fc.property(cases, ([space, history, seed]) => {
        const points = ask({ space, history, seed, count: 6 });
        expect(points.filter((point) => !contains(space, point).ok)).toEqual([]);
        const keys = [...history.map(({ parameters }) => parameters), ...points].map(pointKey);
        expect(new Set(keys).size).toBe(keys.length);
        expect(points.length).toBe(Math.min(6, space.size - history.length));
      }),
      { numRuns: 60 },
    );
  });

  test('does not depend on the order of the history', () => {
    const shuffled = cases.chain(([space, history, seed]) =>
      fc.tuple(
        fc.constant(space),
        fc.constant(history),
        fc.constant(seed),
        fc.shuffledSubarray(history, { minLength: history.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([space, history, seed, other]) => {
        expect(ask({ space, history: other, seed, count: 4 })).toEqual(ask({ space, history, seed, count: 4 }));
      }),
      { numRuns: 40 },
    );
  });

  test('does not depend on the unit of the objective: a power of two changes nothing', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: -20, max: 20 }), ([space, history, seed], power) => {
        const scaled = history.map((one) => ({ ...one, value: one.value == null ? null : one.value * 2 ** power }));
        expect(ask({ space, history: scaled, seed, count: 4 })).toEqual(ask({ space, history, seed, count: 4 }));
      }),
      { numRuns: 40 },
    );
  });
});

test('a seed repeats, another differs', () => {
  const history = observed(plane, 12, ({ x }) => Number(x));
  const points = ask({ space: plane, history, count: 5 });
  expect(ask({ space: plane, history, count: 5 })).toEqual(points);
  expect(ask({ space: plane, history, count: 5, seed: 1 })).not.toEqual(points);
});

test('minimising is maximising the negative', () => {
  const history = observed(plane, 12, ({ x }) => Number(x));
  const negative = history.map((one) => ({ ...one, value: -one.value! }));
  expect(ask({ space: plane, history: negative, goal: 'minimize', count: 5 })).toEqual(
    ask({ space: plane, history, count: 5 }),
  );
});

describe('what it learns', () => {
  test('a round of 16 gathers where the results are best, without being 16 copies of one idea', () => {
    const peak = ({ x, y }: Parameters) => -((Number(x) - 0.7) ** 2) - (Math.log10(Number(y)) + 1) ** 2 / 9;
    const history = observed(plane, 24, peak);
    const points = ask({ space: plane, history, count: 16 });
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(points.map(peak))).toBeGreaterThan(mean(history.map(({ value }) => value!)));
    expect(Math.max(...points.map(peak))).toBeGreaterThan(Math.max(...history.map(({ value }) => value!)));
    expect(new Set(points.map(({ x }) => Math.round(Number(x) * 100))).size).toBeGreaterThan(4);
  });

  test('beats the same number of Sobol points on most seeds', () => {
    const bowl = ({ x, y }: Parameters) => -Math.abs(Number(x) - 0.31) - Math.abs(Math.log10(Number(y)) + 2.2) / 3;
    const wins = Array.from({ length: 5 }, (_, seed) => {
      let history: Observation[] = [];
      for (let round = 0; round < 4; round++) {
        const points = ask({ space: plane, history, seed, count: 8 });
        history = [...history, ...points.map((parameters) => ({ parameters, value: bowl(parameters), epochs: 1 }))];
      }
      const sobol = propose({ ...defaults, strategy: 'sobol', seed, space: plane, history: [], count: 32 });
      return Math.max(...history.map(({ value }) => value!)) > Math.max(...sobol.map(bowl));
    });
    expect(wins.filter(Boolean).length).toBeGreaterThanOrEqual(4);
  });

  test('where more is expected far away, a fourth of a round still varies the best results', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const space = buildSpace(Object.fromEntries(names.map((name) => [name, range({ min: 0, max: 1 })])));
    const corner = Object.fromEntries(names.map((name) => [name, range({ min: 0, max: 0.4 })]));
    const rising = (point: Parameters) => names.reduce((sum, name) => sum + Number(point[name]), 0);
    const history = observed(buildSpace(corner), 40, rising);
    const values = new Set(history.flatMap(({ parameters }) => names.map((name) => `${name} ${parameters[name]}`)));
    // A point that was made by moving another keeps some of its values, which no point drawn from a range does.
    const varied = ask({ space, history, count: 64 }).filter((point) =>
      names.some((name) => values.has(`${name} ${point[name]}`)),
    );
    expect(varied.length).toBeGreaterThanOrEqual(10);
  });

  test('the third round comes closer to the top of a smooth hill in five ranges than points drawn at random can', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const space = buildSpace(Object.fromEntries(names.map((name) => [name, range({ min: 0, max: 1 })])));
    const squared = (point: Parameters) =>
      names.reduce((sum, name, index) => sum + (Number(point[name]) - 0.3 - 0.1 * index) ** 2, 0);
    const history: Observation[] = [];
    for (let round = 0; round < 3; round++)
      history.push(
        ...ask({ space, history, count: 16 }).map((parameters) => ({
          parameters,
          value: -squared(parameters),
          epochs: 1,
        })),
      );
    // In a ball of this radius lies one of 300,000 random points.
    expect(Math.min(...history.map(({ parameters }) => Math.sqrt(squared(parameters))))).toBeLessThan(0.08);
    // Where the objective is flat in steps, a round that comes together at the model's peak gains nothing.
    const round = history.slice(32);
    const together = round.map(
      ({ parameters: one }) =>
        round.filter(({ parameters }) =>
          names.every((name) => Math.abs(Number(one[name]) - Number(parameters[name])) < 0.05),
        ).length,
    );
    expect(Math.max(...together)).toBeLessThanOrEqual(8);
  });

  test('an unordered choice that is better is chosen more often', () => {
    const space = buildSpace({ kind: ['a', 'b', 'c', 'd'], x: range({ min: 0, max: 1 }) });
    const value = ({ kind, x }: Parameters) => (kind === 'c' ? 1 : 0) + 0.1 * Number(x);
    const points = ask({ space, history: observed(space, 24, value), count: 16 });
    expect(points.filter(({ kind }) => kind === 'c').length).toBeGreaterThan(8);
  });

  test('failed trials steer away', () => {
    const space = buildSpace({ x: range({ min: 0, max: 1 }), y: range({ min: 0, max: 1 }) });
    // The objective rises towards the half that fails.
    const history = observed(space, 32, ({ x }) => (Number(x) > 0.5 ? null : Number(x)));
    const points = ask({ space, history, count: 16 });
    expect(points.filter(({ x }) => Number(x) > 0.6).length).toBeLessThan(6);
  });

  test('one wild value does not hide what the others tell', () => {
    const value = ({ x }: Parameters) => -Math.abs(Number(x) - 0.25);
    const history = observed(plane, 24, value);
    const wild = history.map((one, index) => (index === 3 ? { ...one, value: -1e300 } : one));
    const points = ask({ space: plane, history: wild, count: 8 });
    expect(points.filter(({ x }) => Math.abs(Number(x) - 0.25) < 0.2).length).toBeGreaterThan(4);
  });
});

describe('with nothing to learn from', () => {
  const sobol = (count: number) => propose({ ...defaults, strategy: 'sobol', space: plane, history: [], count });

  test('the first round is that of sobol', () => {
    expect(ask({ space: plane, history: [], count: 8 })).toEqual(sobol(8));
  });

  test.each([
    ['equal values', () => 0.5],
    ['failures only', () => null],
    ['one finite value', (_: Parameters, index: number) => (index === 0 ? 0.5 : null)],
  ])('%s leave it with Sobol points', (_, value) => {
    const history = observed(plane, 8, value);
    expect(ask({ space: plane, history, count: 8 })).toEqual(sobol(16).slice(8));
  });
});

test('a finite space that is exhausted yields each of its points once', () => {
  const space = buildSpace({ a: [1, 2, 3, 4], b: ['x', 'y', 'z'] });
  const history = observed(space, 8, ({ a }) => Number(a));
  expect(ask({ space, history, count: 10 })).toHaveLength(4);
});

test('results of an earlier sweep teach without taking their points', () => {
  const earlier = observed(plane, 20, ({ x }) => -Math.abs(Number(x) - 0.8)).map((one) => ({
    ...one,
    source: 'before',
  }));
  const points = ask({ space: plane, history: earlier, count: 8 });
  expect(points.filter(({ x }) => Math.abs(Number(x) - 0.8) < 0.25).length).toBeGreaterThan(4);
});

test('results at the largest budget that has enough of them count, those of less do not mix in', () => {
  const long = observed(plane, 12, ({ x }) => Number(x)).map((one) => ({ ...one, epochs: 9 }));
  const short = propose({ ...defaults, strategy: 'random', seed: 5, space: plane, history: [], count: 12 });
  const misleading = short.map((parameters) => ({ parameters, value: 100 - Number(parameters['x']), epochs: 1 }));
  const points = ask({ space: plane, history: [...long, ...misleading], count: 8 });
  expect(points.filter(({ x }) => Number(x) > 0.6).length).toBeGreaterThan(4);
});

/** The first points of sobol and their values. */
function observed(
  space: Space,
  count: number,
  value: (parameters: Parameters, index: number) => number | null,
): (Observation & { value: number | null })[] {
  return propose({ ...defaults, strategy: 'sobol', space, history: [], count }).map((parameters, index) => ({
    parameters,
    value: value(parameters, index),
    epochs: 1,
  }));
}
