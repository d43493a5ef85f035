import { expect, test } from 'vitest';
import { type Decided, verify } from '../../../../core/search/asynchronous/verify.ts';
import { asha, bayesian, CALM, objectiveOf } from './scenarios.ts';
import { decidedIn, simulate } from './simulation.ts';

const course = (sweep = asha(12)) => {
  const unit = { mean: 60, spread: 1 };
  const { store } = simulate({
    sweep,
    seed: 1,
    children: 4,
    unit,
    value: objectiveOf,
    poison: new Set(),
    trouble: CALM,
  });
  return { sweep, decided: decidedIn(store, 'sim') };
};

test('every decision of a search follows from what it had seen', () => {
  for (const { sweep, decided } of [course(), course(bayesian(25))]) {
    expect(decided.claims.length).toBeGreaterThan(15);
    expect(verify(sweep, decided)).toMatchObject({ disagreements: [], missing: [] });
  }
});

test('a point that was changed is told by its trial', () => {
  const { sweep, decided } = course(bayesian(25));
  const [trialId, point] = [...decided.placed].find(([, { number }]) => number === 20)!;
  const placed = new Map(decided.placed).set(trialId, { ...point, parameters: { ...point.parameters, a: 99 } });
  expect(verify(sweep, { ...decided, placed }).disagreements.map(({ what }) => what)).toEqual(['trial 20']);
});

test('a promotion of another trial than the best is told', () => {
  const { sweep, decided } = course();
  const claims: Decided['claims'] = decided.claims.map((claim) =>
    claim.epochs === 3 ? { ...claim, number: (claim.number + 1) % 12 } : claim,
  );
  expect(verify(sweep, { ...decided, claims }).disagreements.some(({ what }) => what.endsWith('to 3 epochs'))).toBe(
    true,
  );
});

test('an end that does not follow from what was seen is told', () => {
  const { sweep, decided } = course();
  const { seen } = decided.claims.at(-1)!.claim;
  const ended = { execution: 'e', reason: 'stop' as const, because: 'enough', seen: seen! };
  expect(verify(sweep, { ...decided, ended }).disagreements).toEqual([
    { what: 'the end of the search', recorded: 'enough', recomputed: 'the search continues' },
  ]);
});

test('that the clock ended a search is taken as it was recorded', () => {
  const { sweep, decided } = course();
  const { seen } = decided.claims.at(-1)!.claim;
  const ended = { execution: 'e', reason: 'budget' as const, because: 'the hours are up', seen: seen! };
  expect(verify(sweep, { ...decided, ended }).disagreements).toEqual([]);
});

test('decisions that other rules made are counted, and not held against these', () => {
  const { sweep, decided } = course(bayesian(25));
  const claims = decided.claims.map(({ claim, ...name }) => {
    const { rules: _, ...seen } = claim.seen!;
    return { ...name, claim: { ...claim, seen: name.number < 5 ? { ...seen, rules: 99 } : claim.seen } };
  });
  const placed = new Map(
    [...decided.placed].map(([id, point]) => [id, { ...point, bracket: point.number < 5 ? 7 : 0 }]),
  );
  const { seen } = claims.find(({ number }) => number === 0)!.claim;
  const ended = { execution: 'e', reason: 'stop' as const, because: 'enough', seen: seen! };
  expect(verify(sweep, { ...decided, claims, placed, ended })).toMatchObject({
    ...{ proposals: 20, byOtherRules: 6, disagreements: [] },
  });
});

test('what decisions had seen and is gone is named, each once', () => {
  const { sweep, decided } = course();
  const epochs = 1;
  const without = <K, V>(map: ReadonlyMap<K, V>, key: K) => new Map([...map].filter(([each]) => each !== key));
  const gone = {
    ...decided,
    claims: decided.claims.filter((claim) => claim.number !== 2 || claim.epochs !== epochs),
    points: without(decided.points, 3),
    outcomes: without(decided.outcomes, `4.${epochs}`),
  };
  expect(verify(sweep, gone).missing.toSorted()).toEqual([
    `the claim of trial 2 to ${epochs} epochs`,
    'the point of trial 3',
    `the value of trial 4 to ${epochs} epochs`,
  ]);
});
