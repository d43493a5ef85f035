import { describe, expect, test } from 'vitest';
import { unconfirmed } from '../../../core/search/confirm.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { confirmation, record } from './support.ts';

describe('what is still to be confirmed', () => {
  const spec = resolveSpec({
    search: { trials: 9, space: { x: { min: 0, max: 1 } }, confirm: { top: 2, seeds: 2 } },
    training: { epochs: 10, seed: 5 },
  });
  const due = (ranked: Parameters<typeof unconfirmed>[1], known: Parameters<typeof unconfirmed>[2] = []) =>
    unconfirmed(spec, ranked, known).map(({ record: { trial }, seed }) => [trial, seed]);

  test('is each of the best under each seed after the one of the sweep', () => {
    expect(due([record(4, 3), record(2, 2), record(0, 1)])).toEqual([
      [4, 6],
      [4, 7],
      [2, 6],
      [2, 7],
    ]);
  });

  test('is not what has a result, also a failed one', () => {
    expect(due([record(4, 3), record(2, 2)], [confirmation(4, 6, null), confirmation(2, 7, 1)])).toEqual([
      [4, 7],
      [2, 6],
    ]);
  });

  test('is no trial that failed or was not trained to the end', () => {
    expect(due([record(0, 9, { epochs: 9 }), record(1, null), record(2, 1)])).toEqual([
      [2, 6],
      [2, 7],
    ]);
  });

  test('is nothing where the spec confirms nothing', () => {
    const { confirm: _, ...search } = spec.search;
    expect(unconfirmed({ ...spec, search }, [record(0, 1)], [])).toEqual([]);
  });

  test('has seeds that wrap around at 32 bits', () => {
    const last = { ...spec, training: { ...spec.training, seed: 2 ** 32 - 1 } };
    expect(unconfirmed(last, [record(0, 1)], []).map(({ seed }) => seed)).toEqual([0, 1]);
  });
});

test('a trial beyond a limit is not confirmed', () => {
  const spec = resolveSpec({
    search: { trials: 9, space: { x: { min: 0, max: 1 } }, confirm: { top: 2, seeds: 1 } },
    objective: [{ metric: 'acc' }, { metric: 'ms', goal: 'minimize', limit: 20 }],
  });
  const ranked = [record(1, 1, { others: { ms: 20 } }), record(0, 9, { others: { ms: 21 } })];
  expect(unconfirmed(spec, ranked, []).map(({ record: { trial } }) => trial)).toEqual([1]);
});
