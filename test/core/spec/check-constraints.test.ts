import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { defaultSweepId } from '../../../core/sweep/identity.ts';
import { problemsIn } from './support.ts';

const lists = { a: [1, 2, 3], b: [1, 2, 3] };
const ranges = { x: { min: 0, max: 1 }, y: { min: 0, max: 1 } };
const said = (search: object) => problemsIn({ search }).map(({ field, message }) => `${field}: ${message}`);

describe('search.constraints', () => {
  test('are counted by a grid', () => {
    expect(resolveSpec({ search: { space: lists, constraints: ['a < b'] } }).search.trials).toBe(3);
  });

  test('are refused by their place', () => {
    expect(said({ space: lists, constraints: ['a < b', 'a < z'] })).toEqual([
      expect.stringContaining('search.constraints[1]: received "a < z", which names z'),
    ]);
  });

  test('are refused when they leave nothing', () => {
    expect(said({ space: lists, constraints: ['a + b > 6'] })).toEqual([
      expect.stringContaining('leave none of the 9 points'),
    ]);
  });

  test('are refused when they leave next to nothing', () => {
    expect(said({ space: ranges, constraints: ['x + y < 0.01'] })).toEqual([
      expect.stringContaining('next to nothing of the space'),
    ]);
    expect(said({ space: ranges, constraints: ['x + y < 0.1'] })).toEqual([]);
  });

  test('bind the initial points, whole and in part', () => {
    const initial = (point: object) =>
      said({ strategy: 'random', space: lists, constraints: ['a < b'], initial: [point] });
    expect(initial({ a: 2, b: 1 })).toEqual([
      expect.stringContaining('search.initial[0]: breaks the constraint a < b'),
    ]);
    expect(initial({ a: 3 })).toEqual([expect.stringContaining('search.initial[0]: leaves out parameters')]);
    expect(initial({ a: 2 })).toEqual([]);
  });

  test('are part of what the sweep is, and change nothing where there are none', () => {
    const idOf = (search: object) => defaultSweepId(resolveSpec({ search: { space: lists, ...search } }), null);
    expect(idOf({ constraints: ['a < b'] })).not.toBe(idOf({}));
    expect(Object.keys(resolveSpec({ search: { space: lists } }).search)).not.toContain('constraints');
  });
});
