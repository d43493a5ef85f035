import { expect, test } from 'vitest';
import { propose } from '../../../../core/search/propose.ts';
import { Fits, numberedProposals } from '../../../../core/search/strategies/bayesian-numbered.ts';
import { costExponent, timedTrials } from '../../../../core/search/strategies/cost-aware.ts';
import type { Observation } from '../../../../core/search/strategies/strategy.ts';
import { coordinatesOf } from '../../../../core/search/strategies/training-set.ts';
import { buildSpace, type Parameters } from '../../../../core/space/space.ts';

// A larger model takes ten times as long, and is worth no more.
const space = buildSpace({ x: { min: 0, max: 1, scale: 'linear' }, size: [1, 2] });
const isLarge = ({ size }: Parameters): boolean => size === 2;
const wanted = { space, strategy: 'bayesian', seed: 3, goal: 'maximize', initial: [], skip: 0, count: 16 } as const;

const history: readonly Observation[] = propose({ ...wanted, strategy: 'sobol', history: [] }).map((parameters) => ({
  parameters,
  value: 1 - ((parameters['x'] as number) - 0.4) ** 2,
  epochs: 2,
  seconds: isLarge(parameters) ? 1000 : 100,
}));

test('seconds count for everything at the beginning, and for nothing at the end and beyond', () => {
  expect([costExponent(0, 64), costExponent(48, 64), costExponent(64, 64), costExponent(70, 64)]).toEqual([
    1, 0.25, 0, 0,
  ]);
});

test('of what promises as much, the quicker is tried first, and at the end it makes no difference', () => {
  const large = (costExponent?: number) => propose({ ...wanted, history, costExponent }).filter(isLarge).length;
  expect(large(1)).toBeLessThan(large(0) / 2);
  expect(large(0)).toBe(large(undefined));
});

test('a trial among many that train at once weighs them too', () => {
  const numbered = history.map((observation, number) => ({ ...observation, number }));
  const firsts = (costExponent: number) => {
    const request = { space, seed: 3, goal: 'maximize', history: numbered, warm: [], costExponent } as const;
    const fits = new Fits();
    return Array.from(
      { length: 12 },
      (_, number) => numberedProposals({ ...request, number: 16 + number, fits }).next().value!,
    );
  };
  expect(firsts(1).filter(isLarge).length).toBeLessThan(firsts(0).filter(isLarge).length / 2);
  // Whoever kept a fit comes to the same points as who did not.
  const request = { space, seed: 3, goal: 'maximize', history: numbered, warm: [], costExponent: 1 } as const;
  expect(numberedProposals({ ...request, number: 20, fits: new Fits() }).next().value).toEqual(firsts(1)[4]);
});

test('equal seconds give equal points, in whatever order they are known', () => {
  const points = (known: readonly Observation[]) => propose({ ...wanted, history: known, costExponent: 1 });
  expect(points(history.toReversed())).toEqual(points(history));
});

test('the seconds of an epoch are learnt from the sweep’s own successes', () => {
  const timed = timedTrials(space, history, coordinatesOf);
  expect(timed?.training.points).toHaveLength(16);
  // Half of them take ten times as long.
  expect(timed?.spread).toBeCloseTo(Math.log(10) / 2, 6);
  const [first, ...rest] = history;
  const others: Observation[] = [
    { ...first!, source: 'earlier' },
    { ...first!, value: null },
    { ...first!, value: undefined },
    { ...first!, seconds: undefined },
  ];
  for (const other of others)
    expect(timedTrials(space, [other, ...rest], coordinatesOf)?.training.points).toHaveLength(15);
  expect(timedTrials(space, history.slice(0, 3), coordinatesOf)).toBeNull();
  const alike = history.map((observation) => ({ ...observation, seconds: 7 }));
  expect(timedTrials(space, alike, coordinatesOf)).toBeNull();
});
