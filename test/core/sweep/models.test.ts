import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { judgeCandidate } from '../../../core/sweep/champion.ts';
import { type Judgement, modelsToKeep, type RankedModel } from '../../../core/sweep/models.ts';
import { rewriteNote } from '../../../core/trial/model-rewrite.ts';

const spec = (search: object = {}, models = 2) =>
  resolveSpec({
    name: 'm',
    search: { strategy: 'random', trials: 9, space: { x: { min: 0, max: 1 } }, ...search },
    objective: { metric: 'score' },
    training: { epochs: 4 },
    keep: { models },
  });

const ranked = (
  ...trials: readonly { readonly value: number | null; readonly isThere?: boolean }[]
): readonly RankedModel[] =>
  trials.map(({ value, isThere = true }, number) => ({
    isThere,
    record: {
      trial: number,
      id: `t${number}`,
      parameters: {},
      value,
      epoch: value === null ? null : 1,
      epochs: 4,
      status: value === null ? 'failed' : 'succeeded',
      diverged: false,
      failureClass: value === null ? 'no-metric' : null,
    },
  }));

const FOUR = ranked({ value: 4 }, { value: 3 }, { value: 2 }, { value: 1 });
const END: Omit<Judgement, 'ranked'> = { due: null, isLast: true, failed: false };
const kept = (change: Partial<Judgement>, given = spec()) => {
  const ids = modelsToKeep(given, { ...END, ranked: FOUR, ...change });
  return ids === null ? 'all' : [...ids].sort();
};

describe('models that are kept', () => {
  test('are those of the best keep.models trials', () => {
    expect(kept({})).toEqual(['t0', 't1']);
  });

  test('are those also while another round of the search is to come', () => {
    expect(kept({ due: { kind: 'search' } })).toEqual(['t0', 't1']);
  });

  test('are all while later rounds were planned before', () => {
    expect(kept({ isLast: false })).toBe('all');
  });

  test('are all where the sweep fails', () => {
    expect(kept({ failed: true })).toBe('all');
  });

  test('are all where no trial has a value', () => {
    expect(kept({ ranked: ranked({ value: null }, { value: null }, { value: null }) })).toBe('all');
  });

  test('are all while rungs of halving are to come, and the best ones after the last', () => {
    expect(kept({ due: { kind: 'rung' } }, spec({ strategy: 'halving' }))).toBe('all');
    expect(kept({}, spec({ strategy: 'halving' }))).toEqual(['t0', 't1']);
  });

  test('are the best of those that are still there, so that another ranking loses no more', () => {
    const ranking = ranked({ value: 4, isThere: false }, { value: 3 }, { value: 2, isThere: false }, { value: 1 });
    expect(kept({ ranked: ranking })).toEqual(['t1', 't3']);
  });

  test('include all that a confirmation to come may make the best', () => {
    const given = spec({ confirm: { top: 3, seeds: 2 } }, 1);
    expect(kept({ due: { kind: 'search' } }, given)).toEqual(['t0', 't1', 't2']);
    expect(kept({ due: { kind: 'confirm' } }, given)).toEqual(['t0', 't1', 't2']);
    expect(kept({}, given)).toEqual(['t0']);
  });
});

describe('a model that was written again after the resume', () => {
  const rewrite = { resumedAfter: 3, whileTraining: true };

  test('is not that of an epoch before', () => {
    expect(rewriteNote(2, rewrite)).toMatch(
      /^the value is from epoch 2, but the model is not: .* after training resumed from epoch 3/,
    );
    expect(rewriteNote(3, rewrite)).not.toBeNull();
  });

  test('is that of an epoch after', () => {
    expect(rewriteNote(4, rewrite)).toBeNull();
  });

  test('when the program ended may be its best weights', () => {
    expect(rewriteNote(2, { ...rewrite, whileTraining: false })).toMatch(
      /^the value is from epoch 2, but the model may not be/,
    );
  });

  test('needs no word where it was not', () => {
    expect(rewriteNote(2, undefined)).toBeNull();
  });
});

describe('a champion that has its model', () => {
  const champion = {
    name: 'm',
    sweepId: 's',
    trialId: 'a',
    objective: { metric: 'score', goal: 'maximize', at: 'best' } as const,
    value: 1,
    epochs: 4,
    parameters: {},
    data: null,
    model: 'models/m/s/a.4/',
  };
  const better = { ...champion, trialId: 'b', value: 2, model: null };

  test('is not replaced by a trial whose model was lost', () => {
    const verdict = judgeCandidate(champion, better, 'the model of trial 1 was dropped');
    expect(verdict.promote).toBe(false);
    expect(verdict.reason).toMatch(/^better: 2 .*the model of trial 1 was dropped/);
  });

  test('is replaced by a better trial whose program writes none', () => {
    expect(judgeCandidate(champion, better).promote).toBe(true);
  });

  test('takes the place of the same one without', () => {
    expect(judgeCandidate({ ...champion, model: null }, champion).promote).toBe(true);
    expect(judgeCandidate(champion, champion).promote).toBe(false);
  });
});
