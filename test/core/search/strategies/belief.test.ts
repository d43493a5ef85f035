import { describe, expect, test } from 'vitest';
import { propose } from '../../../../core/search/propose.ts';
import { asBelieved, bonusOf } from '../../../../core/search/strategies/belief.ts';
import { buildSpace, type Space } from '../../../../core/space/space.ts';

const side = { min: 0, max: 1, scale: 'linear', type: 'float' } as const;
const believed = (confidence: 'low' | 'medium' | 'high', at = 0.3) =>
  buildSpace({ x: { ...side, prior: { at, confidence } } });
const listed = (confidence: 'low' | 'medium' | 'high') =>
  buildSpace({ x: { choices: ['a', 'b', 'c', 'd'], prior: { at: 'c', confidence } } });

/** What 10,000 even draws become. */
const draws = (space: Space) =>
  Array.from({ length: 10_000 }, (_, index) => asBelieved(space, Float64Array.of((index + 0.5) / 10_000))[0]!);
const share = (space: Space, holds: (x: number) => boolean) => draws(space).filter(holds).length / 10_000;

describe('what is drawn by a belief', () => {
  test.each([
    ['low', 0.15],
    ['medium', 0.07],
    ['high', 0.03],
  ] as const)('%s: half of it lies near the value, and every part of the range is drawn', (confidence, within) => {
    const space = believed(confidence);
    // A little more than half, since nothing is drawn beyond the ends of the range.
    const near = share(space, (x) => Math.abs(x - 0.3) < within);
    expect(near).toBeGreaterThan(0.5);
    expect(near).toBeLessThan(0.65);
    expect(share(space, (x) => x > 0.9)).toBeGreaterThan(0.001);
    expect(draws(space).every((x) => x >= 0 && x <= 1)).toBe(true);
  });

  test.each([
    ['low', 2],
    ['medium', 5],
    ['high', 15],
  ] as const)('%s: a value of a list is drawn so many times as often as another', (confidence, times) => {
    const isValue = (index: number) => (x: number) => Math.floor(x * 4) === index;
    const [a, c, d] = [0, 2, 3].map((index) => share(listed(confidence), isValue(index)));
    expect(c! / a!).toBeCloseTo(times, 1);
    expect(d).toBeCloseTo(a!, 3);
  });
});

describe('beside results, a belief', () => {
  const places = Array.from({ length: 21 }, (_, index) => Float64Array.of(index / 20));
  const trained = (value: (x: number) => number, points = places) => ({
    points,
    z: Float64Array.from(points, ([x]) => value(x!)),
    weight: new Float64Array(points.length).fill(1),
  });
  const space = believed('medium');

  test('that they bear out favours its value', () => {
    const bonus = bonusOf(
      space,
      trained((x) => -Math.abs(x - 0.3)),
      places,
    )!;
    expect(bonus.indexOf(Math.max(...bonus))).toBe(6);
    expect(bonus[20]).toBeLessThan(0);
  });

  test('that they speak against is forgotten', () => {
    expect(
      bonusOf(
        space,
        trained((x) => Math.abs(x - 0.3)),
        places,
      ),
    ).toBeNull();
  });

  test('counts ever less as they come', () => {
    const more = [...places, ...places, ...places, ...places];
    const gap = (bonus: Float64Array) => bonus[6]! - bonus[20]!;
    const value = (x: number) => -Math.abs(x - 0.3);
    const [few, many] = [places, more].map((points) => gap(bonusOf(space, trained(value, points), places)!));
    expect(many).toBeCloseTo(few! / 4, 6);
  });

  test('is judged parameter by parameter', () => {
    const prior = { at: 0.2, confidence: 'medium' } as const;
    const two = buildSpace({ x: { ...side, prior }, y: { ...side, prior } });
    const grid = places.flatMap(([x]) => places.map(([y]) => Float64Array.of(x!, y!)));
    // x is right, y is wrong.
    const training = {
      points: grid,
      z: Float64Array.from(grid, ([x, y]) => Math.abs(y! - 0.2) - Math.abs(x! - 0.2)),
      weight: new Float64Array(grid.length).fill(1),
    };
    const [both, onlyX, onlyY] = bonusOf(two, training, [
      Float64Array.of(0.2, 0.2),
      Float64Array.of(0.2, 0.9),
      Float64Array.of(0.9, 0.2),
    ])!;
    expect(onlyX).toBe(both);
    expect(onlyY).toBeLessThan(both!);
  });

  test('that is none has no bonus', () => {
    expect(
      bonusOf(
        buildSpace({ x: side }),
        trained((x) => x),
        places,
      ),
    ).toBeNull();
  });
});

test('the first trial is what is believed, and of each four one follows the beliefs', () => {
  const wanted = { seed: 0, goal: 'maximize', initial: [], history: [], skip: 0, count: 64 } as const;
  const spec = { x: { ...side, prior: { at: 0.3, confidence: 'high' as const } }, y: side };
  for (const strategy of ['sobol', 'bayesian'] as const) {
    const points = propose({ ...wanted, strategy, space: buildSpace(spec) });
    const plain = propose({ ...wanted, strategy, space: buildSpace({ x: side, y: side }) });
    expect(points[0]!['x']).toBe(0.3);
    expect(points.filter((_, index) => index % 4 > 0)).toEqual(plain.filter((_, index) => index % 4 > 0));
    expect(points.map(({ y }) => y)).toEqual(plain.map(({ y }) => y));
    const near = points.filter(({ x }, index) => index % 4 === 0 && Math.abs(Number(x) - 0.3) <= 0.06);
    expect(near.length).toBeGreaterThan(9);
  }
});

test('of two equal hills bayesian seeks the one that is believed in more than without the belief', () => {
  const spaces = [{ x: side }, { x: { ...side, prior: { at: 0.8, confidence: 'high' as const } } }].map((x) =>
    buildSpace({ ...x, y: side }),
  );
  const hills = (x: number) => -Math.min(Math.abs(x - 0.2), Math.abs(x - 0.8));
  const history = propose({
    ...{ strategy: 'sobol', seed: 1, goal: 'maximize', initial: [], history: [], skip: 0, count: 12 },
    space: spaces[0]!,
  }).map((parameters) => ({ parameters, value: hills(Number(parameters['x'])), epochs: 1 }));
  const [without, withBelief] = spaces.map(
    (space) =>
      propose({
        strategy: 'bayesian',
        seed: 0,
        goal: 'maximize',
        initial: [],
        skip: 0,
        space,
        history,
        count: 24,
      }).filter(({ x }) => Math.abs(Number(x) - 0.8) < 0.15).length,
  );
  expect(withBelief).toBeGreaterThan(without! + 4);
});
