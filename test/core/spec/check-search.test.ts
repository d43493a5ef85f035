import { describe, expect, test } from 'vitest';
import { buildSpace } from '../../../core/space/space.ts';
import { checkSearch } from '../../../core/spec/check-search.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { fieldsIn, problemsIn } from './support.ts';

const space = { x: { min: 0, max: 1 } };
const search = (more: object, training: object = {}) => ({ search: { trials: 9, space, ...more }, training });
const halving = (more: object, settings: object = {}, training: object = { epochs: 9 }) =>
  search({ strategy: 'halving', halving: settings, ...more }, training);

test('a spec that was resolved has nothing left to complain of', () => {
  const spec = resolveSpec(halving({}));
  const problems: string[] = [];
  checkSearch(spec, spec, buildSpace(spec.search.space), (field) => problems.push(field));
  expect(problems).toEqual([]);
});

describe('halving', () => {
  test('settings belong to strategy halving', () => {
    expect(fieldsIn(search({ strategy: 'random', halving: {} }))).toEqual(['search.halving']);
  });

  test('makes its own rounds: another number is refused, its own is not', () => {
    expect(fieldsIn(halving({ rounds: 2 }))).toEqual(['search.rounds']);
    expect(fieldsIn(halving({ rounds: 3 }))).toEqual([]);
  });

  test('does not go with search.stop', () => {
    expect(fieldsIn(halving({ stop: { value: 1 } }))).toEqual(['search.stop']);
  });

  test('needs at least two rungs', () => {
    expect(fieldsIn(halving({}, {}, { epochs: 1 }))).toEqual(['search.halving']);
    expect(fieldsIn(halving({}, { minEpochs: 10 }))).toEqual(['search.halving.minEpochs']);
  });
});

describe('search.stop', () => {
  test('needs a rule', () => {
    expect(fieldsIn(search({ rounds: 2, stop: {} }))).toEqual(['search.stop']);
  });

  test('by rounds needs minImprovement', () => {
    expect(fieldsIn(search({ rounds: 2, stop: { value: 1, rounds: 2 } }))).toEqual(['search.stop.rounds']);
  });

  test('needs a second round', () => {
    expect(fieldsIn(search({ rounds: 1, stop: { value: 1 } }))).toEqual(['search.stop']);
    expect(fieldsIn(search({ rounds: 2, stop: { value: 1 } }))).toEqual([]);
  });
});

describe('a prior', () => {
  const prior = { at: 0.5 };
  const ranged = { space: { x: { min: 0, max: 1, step: 0.5, prior }, y: [1, 2] } };

  test.each(['bayesian', 'sobol'])('is for %s', (strategy) => {
    expect(fieldsIn(search({ ...ranged, strategy }))).toEqual([]);
  });

  test.each([{ strategy: 'random' }, { strategy: 'grid', trials: 6 }])(
    'is refused where it changes nothing: %o',
    (more) => {
      expect(fieldsIn(search({ ...ranged, ...more }))).toEqual(['search.space.x.prior']);
    },
  );

  test('is for halving, by what proposes its trials', () => {
    expect(fieldsIn(halving(ranged))).toEqual([]);
    expect(fieldsIn(halving(ranged, { proposals: 'random' }))).toEqual(['search.space.x.prior']);
  });
});

describe('search.warmStart', () => {
  test('needs a search that learns', () => {
    expect(fieldsIn(search({ strategy: 'sobol', warmStart: ['a'] }))).toEqual(['search.warmStart']);
    expect(fieldsIn(search({ strategy: 'bayesian', warmStart: ['a'] }))).toEqual([]);
    expect(fieldsIn(halving({ warmStart: ['a'] }))).toEqual(['search.warmStart']);
    expect(fieldsIn(halving({ warmStart: ['a'] }, { proposals: 'bayesian' }))).toEqual([]);
  });

  test('may not name the sweep itself', () => {
    const spec = { sweepId: 'me', ...search({ strategy: 'bayesian', warmStart: ['a', 'me'] }) };
    expect(fieldsIn(spec)).toEqual(['search.warmStart[1]']);
  });
});

describe('training.stop', () => {
  test('needs a rule', () => {
    expect(fieldsIn(search({}, { stop: {} }))).toEqual(['training.stop']);
  });

  test('by the median needs a round before', () => {
    expect(fieldsIn(search({ rounds: 1 }, { stop: { median: true } }))).toEqual(['training.stop.median']);
    expect(fieldsIn(search({ rounds: 2 }, { stop: { median: true } }))).toEqual([]);
    expect(fieldsIn(halving({}, {}, { epochs: 9, stop: { median: true } }))).toEqual([]);
  });
});

test('no more trials are confirmed than there are', () => {
  expect(fieldsIn(search({ confirm: { top: 9 } }))).toEqual([]);
  expect(fieldsIn(search({ confirm: { top: 10 } }))).toEqual(['search.confirm.top']);
});

test('there is at most one round a trial', () => {
  expect(fieldsIn(search({ rounds: 9 }))).toEqual([]);
  expect(fieldsIn(search({ rounds: 10 }))).toEqual(['search.rounds']);
});

test('the number of trials that a grid has may be said, and no other', () => {
  const grid = (trials: number) => ({ search: { strategy: 'grid', trials, space: { a: [1, 2], b: [1, 2, 3] } } });
  expect(fieldsIn(grid(6))).toEqual([]);
  expect(fieldsIn(grid(5))).toEqual(['search.trials']);
});

test('a misspelt name of an initial point is told with the one that was meant', () => {
  const [problem] = problemsIn({ search: { space: { momentum: [1, 2] }, initial: [{ momentun: 1 }] } });
  expect(problem).toMatchObject({ field: 'search.initial[0].momentun', message: expect.stringContaining('momentum?') });
});

test('only bayesian weighs what trials cost', () => {
  const search = (strategy: string, costAware: boolean) => ({
    search: { strategy, costAware, space: { a: [1, 2, 3] } },
    training: { epochs: 9 },
  });
  expect(fieldsIn(search('bayesian', true))).toEqual([]);
  expect(fieldsIn(search('sobol', false))).toEqual([]);
  for (const strategy of ['grid', 'random', 'sobol', 'halving']) {
    const [problem] = problemsIn(search(strategy, true));
    expect(problem).toMatchObject({
      field: 'search.costAware',
      message: expect.stringContaining(`strategy: ${strategy} `),
    });
  }
});

describe('an asynchronous search', () => {
  const problems = (search: object, more: object = {}) =>
    problemsIn({
      search: { strategy: 'bayesian', asynchronous: true, trials: 8, space: { a: { min: 0, max: 1 } }, ...search },
      ...more,
    });
  test.each([
    ['a strategy that waits for nothing', { strategy: 'sobol' }, {}, 'search.asynchronous'],
    ['rounds', { rounds: 2 }, {}, 'search.rounds'],
    ['more trainings than a child can look through', { trials: 10_001 }, {}, 'search.trials'],
    ['several trials a job', {}, { compute: { trialsPerJob: 2 } }, 'compute.trialsPerJob'],
  ])('is refused with %s', (_, search, more, field) => {
    expect(problems(search, more).map((problem) => problem.field)).toEqual([field]);
  });
  test('of halving counts every rung', () => {
    const [problem] = problems({ strategy: 'halving', trials: 9000 }, { training: { epochs: 27 } });
    expect(problem!.message).toContain('makes 13333 trainings; allowed in an asynchronous search: at most 10000');
  });
  test('may say what it would be anyway: the number of rounds that a recorded spec has', () => {
    expect(problems({ rounds: 4 })).toEqual([]);
  });
});
