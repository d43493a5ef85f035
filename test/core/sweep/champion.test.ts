import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { type Champion, championObjective, judgeCandidate, recipeToBeat } from '../../../core/sweep/champion.ts';

const champion: Champion = {
  name: 'm',
  sweepId: 'old',
  trialId: 'a',
  objective: { metric: 'score', goal: 'maximize', at: 'best' },
  value: 1,
  epochs: 4,
  parameters: { x: 1 },
  data: 'd1',
  model: 'models/m/old/a.4/',
};
const candidate: Champion = { ...champion, sweepId: 'new', trialId: 'b', parameters: { x: 2 } };

describe('a champion', () => {
  test('is whoever comes first', () => {
    expect(judgeCandidate(null, candidate).promote).toBe(true);
  });

  test('is replaced by a better value only: an equal one does not replace it', () => {
    const verdicts = [0.9, 1, 1.1].map((value) => judgeCandidate(champion, { ...candidate, value }).promote);
    expect(verdicts).toEqual([false, false, true]);
  });

  test('is compared with another trial of its own sweep', () => {
    expect(judgeCandidate(champion, { ...champion, trialId: 'b', value: 1.1 }).promote).toBe(true);
    expect(judgeCandidate(champion, { ...champion, epochs: 5, value: 1.1 }).promote).toBe(true);
    expect(judgeCandidate(champion, { ...champion, value: 1.1 }).promote).toBe(false);
  });

  test('of a goal to minimize is replaced by a lower value only', () => {
    const objective = { ...champion.objective, goal: 'minimize' } as const;
    const verdicts = [0.9, 1, 1.1].map(
      (value) => judgeCandidate({ ...champion, objective }, { ...candidate, objective, value }).promote,
    );
    expect(verdicts).toEqual([true, false, false]);
  });

  test('by another metric, goal or epoch does not compare, so the new one takes its place', () => {
    for (const change of [{ metric: 'f1' }, { goal: 'minimize' as const }, { at: 'last' as const }]) {
      const objective = { ...champion.objective, ...change };
      expect(judgeCandidate(champion, { ...candidate, objective, value: 1 }).promote).toBe(true);
    }
  });

  test('on other data does not compare either', () => {
    expect(judgeCandidate(champion, { ...candidate, data: 'd2', value: 0 }).promote).toBe(true);
  });

  test('does not replace itself, but for a model that it lacked', () => {
    expect(judgeCandidate(champion, { ...champion, value: 9 }).promote).toBe(false);
    expect(judgeCandidate({ ...champion, model: null }, champion).promote).toBe(true);
  });

  test('trained longer is another candidate', () => {
    expect(judgeCandidate(champion, { ...champion, epochs: 8, value: 2 }).promote).toBe(true);
  });

  test('with a model is not replaced by a better one whose model was lost', () => {
    const better = { ...candidate, value: 2, model: null };
    expect(judgeCandidate(champion, better, 'its model is gone').promote).toBe(false);
    expect(judgeCandidate({ ...champion, model: null }, better, 'its model is gone').promote).toBe(true);
  });

  test('that stays says both values', () => {
    expect(judgeCandidate(champion, { ...candidate, value: 0.5 }).reason).toMatch(/0\.5.*1.*old/);
  });
});

describe("a champion's parameters", () => {
  const spec = (objective: object) => resolveSpec({ search: { space: { x: [1, 2] } }, objective });
  const same = spec({ metric: 'score' });

  test('are tried first on other data', () => {
    expect(recipeToBeat(champion, same, 'd2')).toEqual({ x: 1 });
  });

  test('are not tried on the same data, for another objective, or without a champion', () => {
    expect(recipeToBeat(champion, same, 'd1')).toBeNull();
    expect(recipeToBeat(champion, spec({ metric: 'score', at: 'last' }), 'd2')).toBeNull();
    expect(recipeToBeat(null, same, 'd2')).toBeNull();
  });
});

test('a champion is compared by limits too, and not by what is only traded off', () => {
  const of = (...others: object[]) =>
    championObjective(resolveSpec({ search: { space: { x: [1, 2] } }, objective: [{ metric: 'acc' }, ...others] }));
  const ms = { metric: 'ms', goal: 'minimize' };
  expect(of(ms)).toEqual(of());
  expect(of({ ...ms, limit: 20 }).limits).toEqual([{ metric: 'ms', goal: 'minimize', limit: 20 }]);
  const [strict, loose] = [of({ ...ms, limit: 20 }), of({ ...ms, limit: 50 })];
  const better = { ...candidate, objective: loose, value: 0.5 };
  expect(judgeCandidate({ ...champion, objective: strict }, better)).toMatchObject({ promote: true });
  expect(judgeCandidate({ ...champion, objective: loose }, better).promote).toBe(false);
});
