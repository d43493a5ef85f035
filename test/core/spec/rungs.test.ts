import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { bracketsOf, budgetsOf, halvingOf, proposerOf } from '../../../core/spec/rungs.ts';

const halving = (trials: number, epochs: number, settings: object = {}) =>
  resolveSpec({
    search: { strategy: 'halving', trials, space: { x: { min: 0, max: 1 } }, halving: settings },
    training: { epochs },
  });

describe('budgets', () => {
  test('are the full one divided by powers of the reduction, down to minEpochs', () => {
    expect(budgetsOf(halving(9, 27))).toEqual([1, 3, 9, 27]);
    expect(budgetsOf(halving(9, 27, { minEpochs: 2 }))).toEqual([3, 9, 27]);
  });

  test('are rounded up', () => {
    expect(budgetsOf(halving(9, 10))).toEqual([1, 2, 4, 10]);
  });

  test('rise, and end at training.epochs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 15, max: 50 }), (epochs, tenths) => {
        const spec = halving(9, 27, { reduction: tenths / 10 });
        const budgets = budgetsOf({ ...spec, training: { ...spec.training, epochs } });
        expect(budgets.at(-1)).toBe(epochs);
        expect([...new Set(budgets)].toSorted((a, b) => a - b)).toEqual(budgets);
      }),
    );
  });
});

describe('brackets', () => {
  test('keep one in `reduction` from rung to rung, and never none', () => {
    expect(bracketsOf(halving(9, 27))).toEqual([
      [
        { epochs: 1, size: 9 },
        { epochs: 3, size: 3 },
        { epochs: 9, size: 1 },
        { epochs: 27, size: 1 },
      ],
    ]);
  });

  test('start one rung higher each', () => {
    const brackets = bracketsOf(halving(30, 9, { brackets: 3 }));
    expect(brackets.map(([first]) => first?.epochs)).toEqual([1, 3, 9]);
  });

  test('are no more than there are rungs', () => {
    expect(bracketsOf(halving(30, 9, { brackets: 20 }))).toHaveLength(3);
  });

  test('have as many trials in their first rungs as the search has', () => {
    const settings = { trials: fc.integer({ min: 1, max: 300 }), brackets: fc.integer({ min: 1, max: 4 }) };
    fc.assert(
      fc.property(fc.record(settings), ({ trials, brackets }) => {
        const firsts = bracketsOf(halving(trials, 27, { brackets })).map(([first]) => first!.size);
        expect(firsts.reduce((sum, size) => sum + size, 0)).toBe(trials);
      }),
    );
  });
});

test('halving has its own proposals; any other strategy proposes itself', () => {
  const search = { trials: 4, space: { x: { min: 0, max: 1 } } };
  expect(proposerOf(halving(9, 27, { proposals: 'bayesian' }))).toBe('bayesian');
  expect(proposerOf(resolveSpec({ search: { ...search, strategy: 'random' } }))).toBe('random');
});

test('halving settings that the spec leaves out have their defaults', () => {
  expect(halvingOf(halving(9, 27))).toEqual({ reduction: 3, minEpochs: 1, brackets: 1, proposals: 'sobol' });
});
