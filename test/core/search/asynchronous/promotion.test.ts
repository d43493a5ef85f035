import { describe, expect, test } from 'vitest';
import { promotion } from '../../../../core/search/asynchronous/promotion.ts';
import { bracketOf } from '../../../../core/search/asynchronous/sweep.ts';
import type { Spec } from '../../../../core/spec/spec.ts';
import { knownOf, type Told } from './known-of.ts';
import { asha, bayesian } from './scenarios.ts';

const { spec } = asha(9);
const next = (numbers: number, units: readonly Told[], skipped: readonly number[] = [], of: Spec = spec) =>
  promotion(of, knownOf(numbers, units, skipped));

describe('while more is to come', () => {
  test('the best third of a rung so far goes on', () => {
    expect(
      next(9, [
        [0, 1, 0.1],
        [1, 1, 0.3],
      ]),
    ).toBeNull();
    expect(
      next(9, [
        [0, 1, 0.1],
        [1, 1, 0.3],
        [2, 1, 0.2],
      ]),
    ).toEqual({ number: 1, epochs: 3 });
  });

  test('a trial goes on once', () => {
    const rung: Told[] = [
      [0, 1, 0.1],
      [1, 1, 0.3],
      [2, 1, 0.2],
    ];
    expect(next(9, [...rung, [1, 3]])).toBeNull();
    expect(next(9, [...rung, [1, 3], [3, 1, 0.4]])).toEqual({ number: 3, epochs: 3 });
  });

  test('failed trials count as the worst of their rung, and none of them goes on', () => {
    expect(
      next(9, [
        [0, 1, null],
        [1, 1, 0.3],
        [2, 1, null],
      ]),
    ).toEqual({ number: 1, epochs: 3 });
    expect(
      next(9, [
        [0, 1, null],
        [1, 1, null],
        [2, 1, null],
      ]),
    ).toBeNull();
  });

  test('a trial beyond a limit goes on after all within', () => {
    const others = [{ metric: 'ms', goal: 'minimize', limit: 20 }] as const;
    const limited = { ...spec, objective: { ...spec.objective, others } };
    const rung: Told[] = [
      [0, 1, 0.9, 21],
      [1, 1, 0.1, 20],
      [2, 1, 0.2, 30],
    ];
    expect(next(9, rung, [], limited)).toEqual({ number: 1, epochs: 3 });
    expect(next(9, rung)).toEqual({ number: 0, epochs: 3 });
  });

  test('ties go to the earlier trial', () => {
    expect(
      next(9, [
        [5, 1, 0.3],
        [2, 1, 0.3],
        [7, 1, 0.3],
      ]),
    ).toEqual({ number: 2, epochs: 3 });
  });

  test('the highest rung comes first', () => {
    const first: Told[] = Array.from({ length: 12 }, (_, number) => [number, 1, number / 100]);
    const second: Told[] = [
      [9, 3, 0.5],
      [10, 3, 0.7],
      [11, 3, 0.6],
    ];
    expect(next(20, [...first, ...second])).toEqual({ number: 10, epochs: 9 });
    expect(next(20, [...first, ...second, [10, 9]])).toEqual({ number: 8, epochs: 3 });
  });

  test('the lowest value is the best where the goal is to minimize', () => {
    const minimizing = { ...spec, objective: { ...spec.objective, goal: 'minimize' as const } };
    expect(
      next(
        9,
        [
          [0, 1, 0.1],
          [1, 1, 0.3],
          [2, 1, 0.2],
        ],
        [],
        minimizing,
      ),
    ).toEqual({ number: 0, epochs: 3 });
  });

  test('what was taken out does not go on', () => {
    const rung: Told[] = Array.from({ length: 6 }, (_, number) => [number, 1, number]);
    expect(next(9, rung, [5])).toEqual({ number: 4, epochs: 3 });
  });
});

describe('at the end of a bracket too small for its rungs', () => {
  test('the best goes on, once nothing of the rung is training', () => {
    expect(
      next(2, [
        [0, 1, 0.1],
        [1, 1],
      ]),
    ).toBeNull();
    expect(
      next(2, [
        [0, 1, 0.1],
        [1, 1, 0.3],
      ]),
    ).toEqual({ number: 1, epochs: 3 });
    expect(
      next(2, [
        [0, 1, 0.1],
        [1, 1, 0.3],
        [1, 3, 0.4],
      ]),
    ).toEqual({ number: 1, epochs: 9 });
  });

  test('nothing goes on while a trial may still begin', () => {
    expect(
      next(3, [
        [0, 1, 0.1],
        [1, 1, 0.3],
      ]),
    ).toBeNull();
    expect(
      next(
        3,
        [
          [0, 1, 0.1],
          [1, 1, 0.3],
        ],
        [2],
      ),
    ).toEqual({ number: 1, epochs: 3 });
  });

  test('the next best goes on where those that did have failed', () => {
    expect(
      next(2, [
        [0, 1, 0.1],
        [1, 1, 0.3],
        [1, 3, null],
      ]),
    ).toEqual({ number: 0, epochs: 3 });
    expect(
      next(2, [
        [0, 1, 0.1],
        [1, 1, 0.3],
        [1, 3],
      ]),
    ).toBeNull();
  });
});

test('brackets do not compare with each other, and get the shares of Hyperband', () => {
  const { spec: two } = asha(100, { brackets: 2 });
  const brackets = Array.from({ length: 1000 }, (_, number) => bracketOf(two, number));
  const first = brackets.filter((bracket) => bracket === 0).length;
  // 27 / 4 to 9 / 3.
  expect(first).toBeGreaterThan(682);
  expect(first).toBeLessThan(702);
  const [a, b, c] = brackets.flatMap((bracket, number) => (bracket === 1 ? [number] : []));
  const others: Told[] = brackets
    .slice(0, 8)
    .flatMap((bracket, number): Told[] => (bracket === 0 ? [[number, 1]] : []));
  expect(next(100, [...others, [a!, 3, 0.1], [b!, 3, 0.2], [c!, 3, 0.3]], [], two)).toEqual({ number: c, epochs: 9 });
});

test('more trials change no bracket of those before', () => {
  const brackets = (trials: number) =>
    Array.from({ length: 10 }, (_, number) => bracketOf(asha(trials, { brackets: 3 }).spec, number));
  expect(brackets(500)).toEqual(brackets(10));
});

test('without halving, trials of fewer epochs than the sweep has by now are trained on, the earliest first', () => {
  const { spec: plain } = bayesian(5);
  expect(plain.training.epochs).toBe(10);
  expect(
    next(
      5,
      [
        [0, 10, 0.1],
        [2, 5, 0.2],
        [1, 5, 0.3],
      ],
      [],
      plain,
    ),
  ).toEqual({ number: 1, epochs: 10 });
  expect(
    next(
      5,
      [
        [0, 10],
        [1, 10],
      ],
      [],
      plain,
    ),
  ).toBeNull();
});
