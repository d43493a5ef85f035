import { expect, test } from 'vitest';
import { broken, unfinished } from './invariants.ts';
import { asha, bayesian, CALM, objectiveOf, scenario } from './scenarios.ts';
import { decidedIn, type Scenario, simulate } from './simulation.ts';

/** `SEEDS=1000` tries so many. A seed replays all that went wrong. */
const SEEDS = Number(process.env['SEEDS'] ?? 40);
const FIRST = Number(process.env['FIRST_SEED'] ?? 0);

test(`what always holds, holds under all that goes wrong with ${SEEDS} seeds`, { timeout: 600_000 }, () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const one = scenario(seed);
    const course = simulate(one);
    const end = course.ends.at(-1);
    expect([...broken(one, course), ...(end === 'through' ? unfinished(one, course) : [])], `seed ${seed}`).toEqual([]);
    expect(end, `seed ${seed}`).toBe('through');
  }
});

test('a trial that ends its host again and again takes none of those in the other lanes with it', () => {
  const of = { sweep: asha(12), seed: 1, children: 2, lanes: 4, unit: { mean: 60, spread: 1 }, value: objectiveOf };
  const { store, ends } = simulate({ ...of, poison: new Set([2, 5]), trouble: CALM });
  expect(ends).toEqual(['through']);
  const failed = [...decidedIn(store, 'sim').outcomes].filter(([, { value }]) => value === null);
  expect(failed.map(([unit]) => unit).toSorted()).toEqual(['2.1', '5.1']);
});

test('one slot makes the same decisions, whatever is killed on the way', () => {
  const of = (trouble: Scenario['trouble'], sweep: Scenario['sweep']) => {
    const unit = { mean: 60, spread: 1 };
    const { store } = simulate({ sweep, seed: 5, children: 1, unit, value: objectiveOf, poison: new Set(), trouble });
    const { claims, placed } = decidedIn(store, 'sim');
    return { placed, seen: claims.map(({ number, epochs, claim }) => ({ number, epochs, seen: claim.seen })) };
  };
  for (const sweep of [asha(12), bayesian(20)])
    expect(of({ ...CALM, killedAtCall: 0.02, lostAnswer: 0.1 }, sweep)).toEqual(of(CALM, sweep));
});
