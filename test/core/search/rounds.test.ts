import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundEpochs, roundRecordSchema, roundSize } from '../../../core/search/rounds.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { roundOf } from './support.ts';

const spec = (trials: number, rounds: number) =>
  resolveSpec({ search: { strategy: 'random', trials, rounds, space: { x: { min: 0, max: 1 } } } });

test('trials are shared evenly among the rounds, the larger shares first', () => {
  const sizes: number[] = [];
  for (let round = 0; round < 4; round++)
    sizes.push(
      roundSize(
        spec(10, 4),
        round,
        sizes.reduce((sum, size) => sum + size, 0),
      ),
    );
  expect(sizes).toEqual([3, 3, 2, 2]);
});

test('the rounds together take exactly the trials of the search', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 20 }), (trials, wanted) => {
      const rounds = Math.min(wanted, trials);
      let planned = 0;
      for (let round = 0; round < rounds; round++) planned += roundSize(spec(trials, rounds), round, planned);
      expect(planned).toBe(trials);
    }),
  );
});

test('a sweep with more trials than its rounds had planned takes the rest at once', () => {
  expect(roundSize(spec(10, 2), 5, 4)).toBe(6);
  expect(roundSize(spec(10, 2), 2, 12)).toBe(0);
});

test('a round has the budget of the spec unless it has its own', () => {
  expect([roundEpochs(spec(9, 1), {}), roundEpochs(spec(9, 1), { epochs: 3 })]).toEqual([10, 3]);
});

test('a record of an earlier release, which names no kind, is one of the search', () => {
  const { kind: _, ...old } = roundOf(0, 0, 4);
  expect(roundRecordSchema.parse(old).kind).toBe('search');
});
