import { describe, expect, test } from 'vitest';
import { propose } from '../../../../core/search/propose.ts';
import { drawnWithin, expectedWithin, type LimitModel, marginsOf } from '../../../../core/search/strategies/limits.ts';
import { worths } from '../../../../core/search/strategies/several.ts';
import type { Observation } from '../../../../core/search/strategies/strategy.ts';
import { buildSpace, gridPoints, type Parameters as Point } from '../../../../core/space/space.ts';
import type { OtherObjective } from '../../../../core/spec/spec.ts';

const LIMITED = { metric: 'ms', goal: 'minimize', limit: 20 } as const;

describe('what a limit is learned from', () => {
  const space = buildSpace({ x: { min: 0, max: 100, scale: 'linear', type: 'float' } });
  const seen = (x: number, ms: number, value: number | null = 0): Observation => ({
    parameters: { x },
    value,
    others: { ms },
    epochs: 1,
  });
  const margins = (history: readonly Observation[], other: OtherObjective = LIMITED) => {
    const { training, usual } = marginsOf(space, history, other)!;
    return new Map(training.points.map(([x], index) => [x! * 100, training.z[index]! + usual]));
  };

  test('is how far within it each trial lay, negative beyond', () => {
    const of = margins([seen(1, 5), seen(2, 19), seen(3, 21), seen(4, 90)]);
    expect([...of.values()].map(Math.sign)).toEqual([1, 1, -1, -1]);
    const [nearest, nearer, beyond, farthest] = [...of.values()];
    expect(nearest).toBeGreaterThan(nearer!);
    expect(beyond).toBeGreaterThan(farthest!);
    const higher = margins([seen(1, 5), seen(2, 19), seen(3, 21), seen(4, 90)], { ...LIMITED, goal: 'maximize' });
    expect([...higher.values()].map(Math.sign)).toEqual([-1, -1, 1, 1]);
  });

  test('is no trial that failed, or that measured nothing', () => {
    const { others: _, ...unmeasured } = seen(5, 0);
    const of = margins([seen(1, 5), seen(2, 19), seen(3, 21), seen(4, 90, null), unmeasured]);
    expect([...of.keys()].map(Math.round)).toEqual([1, 2, 3]);
  });

  test('is nothing where all lay equally far from it', () => {
    expect(marginsOf(space, [seen(1, 30), seen(2, 30), seen(3, 30)], LIMITED)).toBe(null);
  });
});

describe('a drawn value', () => {
  /** Of places whose first coordinate is the margin. */
  const model =
    (spread: number): LimitModel =>
    ([mean]) => ({ mean: mean!, spread });
  const places = [2, -1, -3, 4].map((margin) => Float64Array.of(margin));
  const values = Float64Array.of(1, 9, 8, 0.5);

  test('counts within the limit, and is below all of those beyond it, the farther the lower', () => {
    const [inside, near, far, deep] = drawnWithin([model(1)], places)(values, Float64Array.of(0));
    expect([inside, deep]).toEqual([1, 0.5]);
    expect(near).toBeLessThan(-100);
    expect(far).toBeLessThan(near!);
  });

  test('is held to the metric as it was drawn', () => {
    const drawn = drawnWithin([model(1)], places);
    expect([...drawn(values, Float64Array.of(2.5))].map((value) => value > 0)).toEqual([true, true, false, true]);
    expect([...drawn(values, Float64Array.of(-1.5))].map((value) => value > 0)).toEqual([false, false, false, true]);
  });

  test('is held to every limit, each drawn apart', () => {
    const drawn = drawnWithin([model(1), model(2)], places);
    expect([...drawn(values, Float64Array.of(1, 0.5))].map((value) => value > 0)).toEqual([true, false, false, true]);
    expect([...drawn(values, Float64Array.of(1, -0.5))].map((value) => value > 0)).toEqual([false, false, false, true]);
  });

  test('that is only expected is held to what is likely within', () => {
    const expected = expectedWithin([model(1)], () => 7);
    expect(places.map((place) => expected(place) === 7)).toEqual([true, false, false, true]);
  });
});

test('with a model for each limit, a search finds more within it than with one of worths, and loses no more trials', () => {
  const list = (count: number) => Array.from({ length: count }, (_, index) => index);
  const space = buildSpace({ depth: list(8), width: list(8), rate: list(4) });
  // Deeper and wider is better and slower; the rate has a best value that moves with the depth.
  const measure = (parameters: Point) => {
    const { depth, width, rate } = parameters as Record<'depth' | 'width' | 'rate', number>;
    const value = depth + 0.8 * width - (rate - 0.4 * depth) ** 2;
    return { parameters, value, others: { ms: 3 * Math.exp(0.3 * depth + 0.1 * width) }, epochs: 1 };
  };
  const within = ({ others }: { readonly others: { readonly ms: number } }) => others.ms <= LIMITED.limit;
  const best = Math.max(
    ...[...gridPoints(space)]
      .map(measure)
      .filter(within)
      .map(({ value }) => value),
  );
  /** How far from the best a search ends, and how many of its trials lie beyond the limit. */
  const searched = (seed: number, inOne: boolean) => {
    let history: ReturnType<typeof measure>[] = [];
    for (let round = 0; round < 4; round++) {
      const objectives = [{ metric: '', goal: 'maximize' }, LIMITED] as const;
      const points = propose({
        space,
        strategy: 'bayesian',
        seed,
        goal: 'maximize',
        ...(inOne ? { history: worths(history, objectives, [1]) } : { history, others: [LIMITED] }),
        initial: [],
        skip: history.length,
        count: 8,
      });
      history = [...history, ...points.map(measure)];
    }
    const found = Math.max(...history.filter(within).map(({ value }) => value));
    return { regret: best - found, beyond: history.filter((trial) => !within(trial)).length };
  };
  const total = (inOne: boolean) =>
    [0, 1, 2, 3]
      .map((seed) => searched(seed, inOne))
      .reduce((a, b) => ({ regret: a.regret + b.regret, beyond: a.beyond + b.beyond }));
  const [apart, inOne] = [total(false), total(true)];
  expect(apart.regret).toBeLessThan(inOne.regret);
  expect(apart.beyond).toBeLessThanOrEqual(inOne.beyond);
});
