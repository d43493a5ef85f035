import { describe, expect, test } from 'vitest';
import { dueRound, learnsFromResults, planRoundTrials, proposeNext } from '../../../core/search/next-round.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { Spec } from '../../../core/spec/spec.ts';
import { confirmation, record, roundOf } from './support.ts';

const spec = (search: object = {}) =>
  resolveSpec({ search: { strategy: 'random', trials: 4, rounds: 2, space: { x: { min: 0, max: 1 } }, ...search } });
const NOTHING = { rounds: [], records: [], warm: [] };
const oneRound = { rounds: [roundOf(0, 0, 2)], records: [record(0, 1), record(1, 2)], warm: [] };
const all = { ...oneRound, rounds: [...oneRound.rounds, roundOf(1, 2, 2)] };

describe('the round that is due', () => {
  test('is one of the search until all its trials are planned', () => {
    expect(dueRound(spec(), NOTHING)).toEqual({ kind: 'search', count: 2 });
    expect(dueRound(spec(), oneRound)).toEqual({ kind: 'search', count: 2 });
    expect(dueRound(spec(), all)).toBeNull();
  });

  test('is none once the space is exhausted', () => {
    expect(dueRound(spec(), { ...oneRound, rounds: [roundOf(0, 0, 2, { exhausted: true })] })).toBeNull();
  });

  test('is none once search.stop ends the search', () => {
    expect(dueRound(spec({ stop: { value: 2 } }), oneRound)).toBeNull();
    expect(dueRound(spec({ stop: { value: 3 } }), oneRound)).toEqual({ kind: 'search', count: 2 });
  });

  test('is that of the confirmation after the last of the search, once', () => {
    const confirming = spec({ confirm: { top: 1, seeds: 1 } });
    expect(dueRound(confirming, oneRound)).toEqual({ kind: 'search', count: 2 });
    expect(dueRound(confirming, all)).toMatchObject({ kind: 'confirm', runs: [{ record: { trial: 1 }, seed: 1 }] });
    const lucky = confirmation(1, 7, 9);
    expect(dueRound(confirming, { ...all, records: [...all.records, lucky] })).toMatchObject({
      runs: [{ record: { trial: 1 }, seed: 1 }],
    });
    const confirmed = { ...all, records: [...all.records, confirmation(1, 1, null)] };
    expect(dueRound(confirming, confirmed)).toBeNull();
  });
});

describe('the trials of a round', () => {
  test('are numbered on from those before', () => {
    const planned = planRoundTrials(spec(), oneRound, []);
    expect(planned).toMatchObject({ kind: 'search', first: 2, exhausted: false });
    expect(planned.trials.map(({ trial }) => trial)).toEqual([2, 3]);
  });

  test('are the next of one sequence, wherever rounds cut it', () => {
    const first = planRoundTrials(spec(), NOTHING, []).trials;
    const second = planRoundTrials(spec(), oneRound, []).trials;
    expect([...first, ...second].map(({ parameters }) => parameters)).toEqual(
      planRoundTrials(spec({ rounds: 1 }), NOTHING, []).trials.map(({ parameters }) => parameters),
    );
  });

  test('weigh the seconds of the results with search.costAware, less from round to round', () => {
    const search = { strategy: 'bayesian', trials: 64, rounds: 4, space: { x: { min: 0, max: 1 }, size: [1, 2] } };
    const aware = resolveSpec({ search: { ...search, costAware: true } });
    const trials = planRoundTrials(aware, NOTHING, []).trials;
    const past = {
      rounds: [roundOf(0, 0, 16)],
      records: trials.map(({ trial, parameters }) => ({
        ...record(trial, 1),
        parameters,
        value: 1 - ((parameters['x'] as number) - 0.4) ** 2,
        seconds: parameters['size'] === 2 ? 1000 : 100,
      })),
      warm: [],
    };
    const large = (spec: Spec) =>
      planRoundTrials(spec, past, []).trials.filter(({ parameters }) => parameters['size'] === 2).length;
    expect(large(aware)).toBeLessThan(large(resolveSpec({ search })) / 2);
  });

  test('begin with the points that are given, then with search.initial', () => {
    const { trials } = planRoundTrials(spec({ initial: [{ x: 0.25 }] }), NOTHING, [{ x: 0.75 }]);
    expect(trials.map(({ parameters }) => parameters['x'])).toEqual([0.75, 0.25]);
  });

  test('that confirm have numbers of their own, and name the trial and the seed', () => {
    const records = all.records.map((each) => ({ ...each, parameters: { x: each.trial } }));
    const { trials } = planRoundTrials(spec({ confirm: { top: 1, seeds: 2 } }), { ...all, records }, []);
    expect(trials).toEqual([
      { trial: 4, parameters: { x: 1 }, seed: 1, confirms: 1 },
      { trial: 5, parameters: { x: 1 }, seed: 2, confirms: 1 },
    ]);
  });

  test('of a rung keep their numbers and say how long they are trained', () => {
    const halving = resolveSpec({
      search: { strategy: 'halving', trials: 3, space: { x: { min: 0, max: 1 } } },
      training: { epochs: 3 },
    });
    const records = [1, 3, 2].map((value, number) =>
      record(number, value, { epochs: 1, parameters: { x: number / 4 } }),
    );
    const past = { rounds: [roundOf(0, 0, 3, { epochs: 1 })], records, warm: [] };
    expect(planRoundTrials(halving, past, [])).toMatchObject({
      kind: 'rung',
      epochs: 3,
      first: 3,
      trials: [{ trial: 1, parameters: { x: 0.25 } }],
    });
  });

  test('are none where no round is due', () => {
    expect(planRoundTrials(spec(), all, []).trials).toEqual([]);
  });

  test('are fewer than wanted where the space holds no more, and that is said', () => {
    const small = spec({ space: { a: [1, 2, 3] }, trials: 9, rounds: 1 });
    expect(planRoundTrials(small, NOTHING, [])).toMatchObject({ exhausted: true, trials: { length: 3 } });
  });
});

test('results decide the next round where something is learnt from them', () => {
  const learns = [{ strategy: 'bayesian' }, { strategy: 'halving', rounds: undefined, trials: 9 }, { confirm: {} }];
  expect(learns.map((search) => learnsFromResults(spec(search)))).toEqual([true, true, true]);
  expect(learnsFromResults(spec())).toBe(false);
});

describe('ask and tell', () => {
  const halving = resolveSpec({
    search: { strategy: 'halving', trials: 3, space: { x: { min: 0, max: 1 } } },
    training: { epochs: 3 },
  });

  test('gives the full budget without halving', () => {
    expect(proposeNext(spec(), [], 2).map(({ epochs }) => epochs)).toEqual([10, 10]);
  });

  test('gives no more than the rung still takes, then those that go on', () => {
    const first = proposeNext(halving, [], 9);
    expect(first.map(({ epochs }) => epochs)).toEqual([1, 1, 1]);
    const observations = first.map(({ parameters }, index) => ({ parameters, value: index, epochs: 1 }));
    expect(proposeNext(halving, observations, 9)).toEqual([{ parameters: first[2]!.parameters, epochs: 3 }]);
  });

  test('gives nothing once every rung has its results', () => {
    const observations = proposeNext(halving, [], 3).map(({ parameters }, index) => ({
      parameters,
      value: index,
      epochs: 1,
    }));
    const end = { parameters: observations[2]!.parameters, value: 9, epochs: 3 };
    expect(proposeNext(halving, [...observations, end], 3)).toEqual([]);
  });
});
