import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { fieldsIn } from './support.ts';

const lists = { a: [1, 2], b: ['x', 'y', 'z'] };
const range = { x: { min: 0, max: 1 } };
const resolved = (search: object, more: object = {}) => resolveSpec({ search, ...more });

describe('what a spec leaves out', () => {
  test('is a grid of all its points where every parameter is a list', () => {
    expect(resolved({ space: lists }).search).toMatchObject({ strategy: 'grid', trials: 6, rounds: 1 });
  });

  test('is sobol where trials are said or a parameter is a range', () => {
    expect(resolved({ space: lists, trials: 3 }).search).toMatchObject({ strategy: 'sobol', trials: 3 });
    expect(resolved({ space: { ...lists, ...range } }).search).toMatchObject({ strategy: 'sobol', trials: 32 });
  });

  test('is four rounds for bayesian, no more than it has trials', () => {
    expect(resolved({ space: range, strategy: 'bayesian' }).search.rounds).toBe(4);
    expect(resolved({ space: range, strategy: 'bayesian', trials: 3 }).search.rounds).toBe(3);
  });

  test('is a round a rung for halving', () => {
    const spec = resolved({ space: range, strategy: 'halving' }, { training: { epochs: 9 } });
    expect(spec.search).toMatchObject({ rounds: 3, halving: { reduction: 3 } });
  });

  test('is to minimize a metric that is named for an error', () => {
    const goalOf = (metric: string) => resolved({ space: lists }, { objective: { metric } }).objective.goal;
    expect(['val_loss', 'Error', 'rmse', 'perplexity'].map(goalOf)).toEqual(Array(4).fill('minimize'));
    expect(['val_accuracy', 'score', 'f1'].map(goalOf)).toEqual(Array(3).fill('maximize'));
  });
});

test('what a spec says is kept', () => {
  const objective = { metric: 'loss', goal: 'maximize' };
  const spec = resolved({ space: range, strategy: 'random', trials: 5, rounds: 2 }, { objective });
  expect(spec).toMatchObject({ search: { trials: 5, rounds: 2 }, objective });
});

test('numbers of a command become text', () => {
  expect(resolved({ space: lists }, { training: { command: ['train', 3] } }).training.command).toEqual(['train', '3']);
});

test('a resolved spec resolves to itself', () => {
  for (const strategy of ['random', 'bayesian', 'halving']) {
    const spec = resolved({ space: range, strategy });
    expect(resolveSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  }
});

test('keys at the top that begin with x- are passed over', () => {
  expect(resolveSpec({ 'x-note': 1, search: { space: lists } })).toEqual(resolved({ space: lists }));
});

test('-0 is stored as JSON stores it', () => {
  expect(Object.is((resolved({ space: { a: [-0, 1] } }).search.space['a'] as number[])[0], 0)).toBe(true);
});

describe('a document is refused', () => {
  test('that has more than a thousand parameters', () => {
    const space = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, k) => [`p${k}`, [1]]));
    expect(fieldsIn({ search: { space: space(1001) } })).toEqual(['search.space']);
    expect(fieldsIn({ search: { space: space(1000) } })).toEqual([]);
  });

  test('whose ids name folders of the workdir', () => {
    const search = { space: range, strategy: 'bayesian', warmStart: ['ok', 'live'] };
    expect(fieldsIn({ sweepId: 'Store', search })).toEqual(['sweepId', 'search.warmStart[1]']);
  });

  test('that holds a known kind of secret anywhere', () => {
    const token = `ghp_${'a1'.repeat(18)}`;
    expect(fieldsIn({ search: { space: { a: ['x', token] } }, training: { command: ['a', token] } })).toEqual([
      'search.space.a[1]',
      'training.command[1]',
    ]);
  });
});
