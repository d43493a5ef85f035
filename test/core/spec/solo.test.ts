import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { soloSpec } from '../../../core/spec/solo.ts';

const spec = resolveSpec({
  name: 'many',
  search: {
    strategy: 'halving',
    trials: 9,
    space: { x: { min: 0, max: 1 }, y: [1, 2] },
    halving: { proposals: 'bayesian' },
    confirm: {},
    warmStart: ['earlier'],
    asynchronous: true,
  },
  training: { epochs: 9, seed: 7, stop: { patience: 2 }, command: ['train'] },
});
const solo = soloSpec(spec, 'one', { x: 0.5, y: 2 });

test('one trial with these parameters is trained as those of the sweep are', () => {
  expect(solo).toMatchObject({ name: 'one', search: { trials: 1, rounds: 1, initial: [{ x: 0.5, y: 2 }] } });
  expect(solo.training).toMatchObject({ epochs: 9, seed: 7, command: ['train'] });
});

test('no rule ends it early, teaches it or confirms it', () => {
  const { stop, ...training } = solo.training;
  const { halving, confirm, warmStart, stop: searchStop } = solo.search;
  expect([stop, halving, confirm, warmStart, searchStop]).toEqual(Array(5).fill(undefined));
  expect(training.epochs).toBe(9);
});

test('it resolves to itself', () => {
  expect(resolveSpec(solo)).toEqual(solo);
});

test('without parameters they are drawn', () => {
  expect(soloSpec(spec, 'one', undefined).search.initial).toEqual([]);
});
