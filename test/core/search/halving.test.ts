import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foreseenRounds } from '../../../core/search/forecast.ts';
import { nextRung } from '../../../core/search/halving.ts';
import { type Proposal, proposeNext } from '../../../core/search/next-round.ts';
import type { Observation } from '../../../core/search/strategies/strategy.ts';
import { pointKey } from '../../../core/space/space.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { bracketsOf } from '../../../core/spec/rungs.ts';
import type { Spec } from '../../../core/spec/spec.ts';
import { checkResumable } from '../../../core/sweep/resume.ts';

function halving(trials: number, epochs: number, settings: object = {}, more: object = {}): Spec {
  return resolveSpec({
    search: {
      strategy: 'halving',
      trials,
      space: { x: { min: 0, max: 1 } },
      halving: settings,
      ...more,
    },
    training: { epochs },
  });
}

/** Asks and tells until nothing is left; `value` null: it failed. */
function run(spec: Spec, value: (proposal: Proposal) => number | null, batch = 1000) {
  const history: (Observation & { value: number | null })[] = [];
  for (;;) {
    const next = proposeNext(spec, history, batch);
    if (next.length === 0) return history;
    for (const proposal of next) history.push({ ...proposal, value: value(proposal) });
  }
}

const trainedTo = (history: readonly Observation[]) => {
  const counts = new Map<number, number>();
  for (const { epochs } of history) counts.set(epochs, (counts.get(epochs) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
};

test('budgets are the full one divided by powers of the reduction, down to minEpochs', () => {
  expect(bracketsOf(halving(27, 27))).toEqual([
    [
      { epochs: 1, size: 27 },
      { epochs: 3, size: 9 },
      { epochs: 9, size: 3 },
      { epochs: 27, size: 1 },
    ],
  ]);
  expect(bracketsOf(halving(8, 10, { reduction: 2, minEpochs: 2 }))[0]!.map(({ epochs }) => epochs)).toEqual([
    2, 3, 5, 10,
  ]);
});

test('brackets share the trials as Hyperband does, each a rung higher', () => {
  const brackets = bracketsOf(halving(46, 27, { brackets: 4 }));
  expect(brackets.map((rungs) => rungs[0]!.epochs)).toEqual([1, 3, 9, 27]);
  expect(brackets.reduce((sum, rungs) => sum + rungs[0]!.size, 0)).toBe(46);
  expect(brackets.map((rungs) => rungs[0]!.size)).toEqual([26, 12, 5, 3]);
});

describe('a run by ask and tell', () => {
  test('trains each rung with the best third of the one below', () => {
    const history = run(halving(27, 27), ({ parameters }) => Number(parameters['x']));
    expect(trainedTo(history)).toEqual([
      [1, 27],
      [3, 9],
      [9, 3],
      [27, 1],
    ]);
    const best = history.filter(({ epochs }) => epochs === 1).sort((a, b) => b.value! - a.value!)[0]!;
    expect(history.find(({ epochs }) => epochs === 27)!.parameters).toEqual(best.parameters);
  });

  test('is the same asked one by one', () => {
    const value = ({ parameters }: Proposal) => Math.sin(20 * Number(parameters['x']));
    const spec = halving(9, 9);
    const keys = (history: readonly Observation[]) =>
      history.map(({ parameters, epochs }) => `${pointKey(parameters)} ${epochs}`).sort();
    expect(keys(run(spec, value, 1))).toEqual(keys(run(spec, value)));
  });

  test('passes over trials that failed', () => {
    const history = run(halving(9, 9), ({ parameters }) =>
      Number(parameters['x']) > 0.5 ? null : Number(parameters['x']),
    );
    const last = history.filter(({ epochs }) => epochs === 9);
    expect(last).toHaveLength(1);
    expect(Number(last[0]!.parameters['x'])).toBeLessThanOrEqual(0.5);
  });

  test('goes on with what there is when the space has fewer points than trials', () => {
    const spec = halving(9, 9, {}, { space: { x: [1, 2, 3, 4, 5, 6] } });
    const history = run(spec, ({ parameters }) => Number(parameters['x']));
    expect(trainedTo(history)).toEqual([
      [1, 6],
      [3, 2],
      [9, 1],
    ]);
  });

  test('ends when all of a rung failed', () => {
    expect(trainedTo(run(halving(9, 9), () => null))).toEqual([[1, 9]]);
  });

  test('brackets propose points of their own', () => {
    const history = run(halving(12, 9, { brackets: 2, proposals: 'bayesian' }), ({ parameters }) =>
      Number(parameters['x']),
    );
    const firsts = new Map<string, number>();
    for (const { parameters, epochs } of history) {
      const key = pointKey(parameters);
      firsts.set(key, Math.min(epochs, firsts.get(key) ?? epochs));
    }
    expect(firsts.size).toBe(12);
    expect(new Set(firsts.values())).toEqual(new Set([1, 3]));
  });

  test('more trials later train only what is new', () => {
    const value = ({ parameters }: Proposal) => Number(parameters['x']);
    const history = run(halving(9, 9), value);
    const [first] = [proposeNext(halving(18, 9), history, 1000)];
    expect(first).toHaveLength(9);
    expect(first!.every(({ epochs }) => epochs === 1)).toBe(true);
  });
});

test('of a first rung that the space cannot fill, the full shares go on, and one at the least', () => {
  const rung = (points: number) =>
    Array.from({ length: points }, (_, index) => ({ parameters: { x: index / 10 }, epochs: 1, value: index }));
  const next = (points: number) => nextRung(halving(9, 9), rung(points), true);
  expect([1, 5, 6, 8].map((points) => (next(points) as { readonly points: readonly unknown[] }).points.length)).toEqual(
    [1, 1, 2, 2],
  );
});

test('of a point that was told twice the larger value counts, whichever came first', () => {
  const told = (x: number, value: number | null) => ({ parameters: { x }, epochs: 1, value });
  const best = (history: readonly Observation[]) =>
    nextRung(halving(3, 3), history) as { readonly points: readonly unknown[] };
  for (const twice of [
    [told(0.1, 9), told(0.1, 1)],
    [told(0.1, 1), told(0.1, 9)],
    [told(0.1, null), told(0.1, 9)],
  ])
    expect(best([...twice, told(0.2, 5), told(0.3, 4)]).points).toEqual([{ x: 0.1 }]);
});

test('what is proposed does not depend on the order of the history', () => {
  const spec = halving(9, 9);
  const drawn = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 });
  fc.assert(
    fc.property(drawn, fc.nat(), (values, cut) => {
      let place = 0;
      const history = run(spec, () => values[place++ % 9]!).slice(0, 9 + (cut % 5));
      expect(proposeNext(spec, history.toReversed(), 100)).toEqual(proposeNext(spec, history, 100));
    }),
    { numRuns: 50 },
  );
});

test('every run costs what the plan foresees when nothing fails', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 60 }),
      fc.integer({ min: 2, max: 60 }),
      fc.integer({ min: 1, max: 3 }),
      (trials, epochs, brackets) => {
        const spec = halving(trials, epochs, { brackets, reduction: 2 });
        const foreseen = foreseenRounds(spec).reduce((sum, round) => sum + round.trials, 0);
        expect(run(spec, ({ parameters }) => Number(parameters['x']))).toHaveLength(foreseen);
      },
    ),
    { numRuns: 60 },
  );
});

describe('a spec', () => {
  const problems = (input: object) => {
    try {
      resolveSpec(input);
    } catch (error) {
      return (error as { problems: { field: string }[] }).problems.map(({ field }) => field);
    }
    return [];
  };
  const search = { strategy: 'halving', trials: 9, space: { x: { min: 0, max: 1 } } };

  test.each([
    ['search.rounds', { search: { ...search, rounds: 7 } }],
    ['search.stop', { search: { ...search, stop: { value: 1 } } }],
    ['search.halving.minEpochs', { search: { ...search, halving: { minEpochs: 11 } }, training: { epochs: 10 } }],
    ['search.halving', { search, training: { epochs: 1 } }],
    ['search.halving', { search: { ...search, strategy: 'random', halving: {} } }],
    ['search.warmStart', { search: { ...search, warmStart: ['a'] } }],
    ['search.stop', { search: { ...search, strategy: 'random', stop: { value: 1 } } }],
    ['search.stop', { search: { ...search, strategy: 'random', rounds: 3, stop: {} } }],
    ['search.confirm.top', { search: { ...search, confirm: { top: 10 } } }],
    ['training.stop', { search, training: { stop: {} } }],
    ['training.stop.median', { search: { ...search, strategy: 'random' }, training: { stop: { median: true } } }],
  ])('with a mistake in %s names it', (field, input) => {
    expect(problems(input)).toContain(field);
  });

  test('resolves to itself', () => {
    const spec = resolveSpec({ search, training: { epochs: 9 } });
    expect(resolveSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });

  test('keeps its rungs when it is gone on with', () => {
    expect(() => checkResumable(halving(9, 9), halving(9, 27), 9)).toThrow('training.epochs');
    expect(() => checkResumable(halving(9, 9), halving(18, 9), 9)).not.toThrow();
  });
});

test('a trial beyond a limit goes on only when too few within are left', () => {
  const spec = resolveSpec({
    search: { strategy: 'halving', trials: 6, space: { x: { min: 0, max: 1 } }, halving: { reduction: 2 } },
    objective: [{ metric: 'acc' }, { metric: 'ms', goal: 'minimize', limit: 20 }],
    training: { epochs: 2 },
  });
  const seen = [9, 8, 7, 1, 2, 3].map((value, index) => ({
    parameters: { x: index / 10 },
    value,
    others: { ms: index < 3 ? 30 : index === 3 ? 25 : 10 },
    epochs: 1,
  }));
  const next = nextRung(spec, seen);
  expect(next?.kind === 'promoted' ? next.points.map(({ x }) => x) : null).toEqual([0.5, 0.4, 0]);
});
