import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { Leaderboard, RankedTrial } from '../../../core/sweep/leaderboard.ts';
import { warmStartFrom, warmStartText } from '../../../core/sweep/warm-start.ts';

const spec = resolveSpec({
  search: { strategy: 'bayesian', space: { x: { min: 0, max: 1 }, kind: ['a', 'b'] } },
  objective: { metric: 'm', goal: 'maximize' },
});

const trial = (index: number, parameters: RankedTrial['parameters'], value: number | null = index): RankedTrial => ({
  rank: index + 1,
  trial: index,
  id: `t${index}`,
  parameters,
  value,
  epoch: 1,
  epochs: 10,
  status: value === null ? 'failed' : 'succeeded',
});

const earlier = (
  trials: readonly RankedTrial[],
  objective: Leaderboard['objective'] = { metric: 'm', goal: 'maximize' },
) => ({
  sweepId: 'earlier',
  objective,
  counts: { planned: trials.length, succeeded: trials.length, failed: 0 },
  trials,
});

test('parameters that both sweeps have are taken, others dropped', () => {
  const { observations } = warmStartFrom(spec, [
    earlier([trial(0, { x: 0.5, momentum: 0.9 }), trial(1, { kind: 'a' }, null)]),
  ]);
  expect(observations).toEqual([
    { source: 'earlier', parameters: { x: 0.5 }, value: 0, epochs: 10 },
    { source: 'earlier', parameters: { kind: 'a' }, value: null, epochs: 10 },
  ]);
});

test('a trial outside this space is passed over, and counted', () => {
  const outside = [trial(0, { x: 2 }), trial(1, { momentum: 1 }), trial(2, { x: 0.5, kind: 'z' }), trial(3, { x: 1 })];
  const { sources } = warmStartFrom(spec, [earlier(outside)]);
  expect(sources).toMatchObject([{ sweepId: 'earlier', trials: 4, used: 1, note: expect.stringContaining('3') }]);
});

test('a sweep with another metric or goal is passed over, and its own is named', () => {
  const other = earlier([trial(0, { x: 0 })], { metric: 'm', goal: 'minimize' });
  expect(warmStartFrom(spec, [other])).toEqual({
    sources: [{ sweepId: 'earlier', trials: 1, used: 0, note: expect.stringContaining('m (minimize)') }],
    observations: [],
  });
});

test('of a large sweep an even share of 200 is taken, the best among them', () => {
  const many = Array.from({ length: 1000 }, (_, index) => trial(index, { x: index / 1000 }));
  const { observations } = warmStartFrom(spec, [earlier(many)]);
  expect(observations).toHaveLength(200);
  expect(observations.slice(0, 3).map(({ value }) => value)).toEqual([0, 5, 10]);
});

test('what was taken is told with the reason for the rest', () => {
  expect(warmStartText({ sweepId: 's', trials: 3, used: 3 })).toBe('3 of 3 trials of s');
  expect(warmStartText({ sweepId: 's', trials: 3, used: 1, note: 'why' })).toBe('1 of 3 trials of s (why)');
});
