import { describe, expect, test } from 'vitest';
import { uniforms } from '../../../../core/base/random.ts';
import { propose } from '../../../../core/search/propose.ts';
import { Fits, numberedProposals } from '../../../../core/search/strategies/bayesian-numbered.ts';
import { worths } from '../../../../core/search/strategies/several.ts';
import type { Observation } from '../../../../core/search/strategies/strategy.ts';
import { buildSpace, pointFrom } from '../../../../core/space/space.ts';
import type { OtherObjective } from '../../../../core/spec/spec.ts';

const seen = (value: number | null | undefined, ms: number, more: Partial<Observation> = {}): Observation => ({
  parameters: { x: ms },
  value,
  epochs: 1,
  ...(value == null ? {} : { others: { ms } }),
  ...more,
});
const acc = { metric: 'acc', goal: 'maximize' } as const;
const ms = { metric: 'ms', goal: 'minimize' } as const;
const valuesOf = (history: readonly Observation[], objectives: readonly OtherObjective[], weights: number[] = [1]) =>
  worths(history, objectives, weights).map(({ value }) => value);
const order = (values: readonly (number | null | undefined)[]) =>
  [...values.keys()].sort((a, b) => values[b]! - values[a]!);

describe('with a limit, a trial is worth', () => {
  const limited = [acc, { ...ms, limit: 20 }];

  test('its value within, and beyond less than all within, the less the farther', () => {
    const history = [seen(1, 20), seen(5, 10), seen(99, 21), seen(98, 200), seen(99, 40)];
    expect(order(valuesOf(history, limited))).toEqual([1, 0, 2, 4, 3]);
    expect(valuesOf(history, limited).slice(0, 2)).toEqual([1, 5]);
  });

  test('its distance alone where none is within', () => {
    expect(order(valuesOf([seen(99, 40), seen(1, 21), seen(50, 30)], limited))).toEqual([1, 2, 0]);
  });

  test('larger where the first objective is smaller, as its goal asks', () => {
    expect(order(valuesOf([seen(3, 1), seen(1, 1), seen(0, 99)], [{ ...acc, goal: 'minimize' }, limited[1]!]))).toEqual(
      [1, 0, 2],
    );
  });

  test('nothing yet where it failed or trains', () => {
    expect(valuesOf([seen(null, 0), seen(undefined, 0)], limited)).toEqual([null, undefined]);
  });
});

describe('traded off, a trial is worth', () => {
  const history = [seen(9, 9), seen(5, 5), seen(1, 1), seen(4, 6)];

  test('what the weights make of both', () => {
    expect(order(valuesOf(history, [acc, ms], [1, 0]))[0]).toBe(0);
    expect(order(valuesOf(history, [acc, ms], [0, 1]))[0]).toBe(2);
    expect(order(valuesOf(history, [acc, ms], [0.5, 0.5]))[0]).toBe(1);
  });

  test('never more than one that is better by both', () => {
    for (const first of [0, 0.1, 0.5, 0.9, 1]) {
      const values = valuesOf(history, [acc, ms], [first, 1 - first]);
      expect(values[1]!).toBeGreaterThan(values[3]!);
    }
  });

  test('what it is among trials of its budget and sweep', () => {
    const others = [seen(100, 0, { epochs: 3 }), seen(0, 100, { epochs: 3 }), seen(50, 0, { source: 'earlier' })];
    const weights = [0.5, 0.5];
    expect(valuesOf([...history, ...others], [acc, ms], weights).slice(0, 4)).toEqual(
      valuesOf(history, [acc, ms], weights),
    );
  });
});

describe('bayesian', () => {
  const range = { min: 0, max: 1, scale: 'linear', type: 'float' } as const;
  const space = buildSpace({ x: range, y: range });
  const tried = (measure: (x: number, y: number) => { readonly value: number; readonly ms: number }) =>
    Array.from({ length: 40 }, (_, index): Observation => {
      const parameters = pointFrom(space, uniforms(1, 'tried', index, 2));
      const { value, ms } = measure(parameters['x'] as number, parameters['y'] as number);
      return { parameters, value, others: { ms }, epochs: 1 };
    });
  const next = (others: readonly OtherObjective[], history: readonly Observation[]) =>
    propose({
      space,
      strategy: 'bayesian',
      seed: 3,
      goal: 'maximize',
      others,
      initial: [],
      history,
      skip: 0,
      count: 16,
    });

  test('learns where a limit is met', () => {
    // The first objective rises with x and falls with the distance of y from a half; the limit ends x at 0.4.
    const history = tried((x, y) => ({ value: x - (y - 0.5) ** 2, ms: 10 * x }));
    const points = next([{ ...ms, limit: 4 }], history);
    expect(points.filter(({ x }) => (x as number) <= 0.4).length).toBeGreaterThanOrEqual(10);
    const free = next([{ ...ms, limit: 99 }], history);
    expect(free.filter(({ x }) => (x as number) > 0.7).length).toBeGreaterThanOrEqual(10);
  });

  test('spreads along a front', () => {
    // All of y = 0.5 is the front: value and ms both rise with x.
    const points = next(
      [ms],
      tried((x, y) => ({ value: x - 2 * (y - 0.5) ** 2, ms: x + 2 * (y - 0.5) ** 2 })),
    );
    expect(points.filter(({ y }) => Math.abs((y as number) - 0.5) < 0.25).length).toBeGreaterThanOrEqual(10);
    const xs = points.map(({ x }) => x as number);
    expect(Math.min(...xs)).toBeLessThan(0.3);
    expect(Math.max(...xs)).toBeGreaterThan(0.7);
  });

  test('proposes the same for the same history in any order', () => {
    const history = tried((x, y) => ({ value: x, ms: y }));
    expect(next([ms], history.toReversed())).toEqual(next([ms], history));
  });
});

describe('asynchronous bayesian', () => {
  const range = { min: 0, max: 1, scale: 'linear', type: 'float' } as const;
  const space = buildSpace({ x: range, y: range });
  const history = Array.from({ length: 40 }, (_, number) => {
    const parameters = pointFrom(space, uniforms(1, 'tried', number, 2));
    const [x, y] = [parameters['x'] as number, parameters['y'] as number];
    return { number, parameters, value: x - (y - 0.5) ** 2, others: { ms: 10 * x }, epochs: 1 };
  });
  const firstOf = (number: number, others: readonly OtherObjective[], seen = history) => {
    const request = {
      space,
      seed: 3,
      goal: 'maximize',
      others,
      number,
      history: seen,
      warm: [],
      fits: new Fits(),
    } as const;
    const [first] = numberedProposals(request);
    return first!['x'] as number;
  };

  test('learns where a limit is met', () => {
    // Without it, they lie near 1; the limit ends x at 0.4.
    const xs = [40, 41, 42, 44, 45, 46].map((number) => firstOf(number, [{ ...ms, limit: 4 }]));
    expect(xs.filter((x) => x > 0.35 && x < 0.42).length).toBe(6);
  });

  test('spreads along a front, whatever the order of what was seen', () => {
    const xs = [40, 41, 42, 44, 45, 46].map((number) => firstOf(number, [ms]));
    expect(Math.max(...xs) - Math.min(...xs)).toBeGreaterThan(0.4);
    expect(firstOf(41, [ms], history.toReversed())).toBe(xs[1]);
  });
});
