import { expect, test } from 'vitest';
import { leaderboardTable } from '../../../cli/terminal/table.ts';
import type { Leaderboard } from '../../../core/sweep/leaderboard.ts';

const board = (goal: 'maximize' | 'minimize', values: readonly number[], more: object = {}) =>
  ({
    sweepId: 's',
    objective: { metric: 'm', goal },
    counts: { planned: 2, succeeded: 2, failed: 0 },
    trials: values.map((value, index) => ({
      ...{ rank: index + 1, trial: index, id: 'a', value, epoch: 1, epochs: 1, status: 'succeeded' },
      parameters: { rate: [0.1, 0.00003][index]!, size: 8 },
      ...more,
    })),
  }) as unknown as Leaderboard;
const lines = (leaderboard: Leaderboard, room?: number) => leaderboardTable(leaderboard, 9, room).split('\n');

test("a column's numbers are in one notation", () => {
  expect(lines(board('minimize', [0.00002, 1.5]))).toEqual([
    'rank  trial  m     epoch  rate  size  id',
    '   1      0  2e-5      1  1e-1     8  a',
    '   2      1  1.5       1  3e-5     8  a',
  ]);
});

test('a bad accuracy close to zero turns none of the others into a power of ten', () =>
  expect(lines(board('maximize', [0.97, 0.00002]))[1]).toContain('0.97'));

test('a column in which no trial has anything to say is left out', () =>
  expect(lines(board('maximize', [0.9, 0.8], { epoch: null }))[0]).toBe('rank  trial  m    rate  size  id'));

test('where there is little room a mean is told without the number of its seeds', () => {
  const confirmed = { mean: 0.9, spread: 0.01, seeds: [{}, {}] };
  expect(lines(board('maximize', [0.9, 0.8], { confirmed }), 79)[1]).toContain('0.9 ± 0.01  ');
  expect(lines(board('maximize', [0.9, 0.8], { confirmed }), 119)[1]).toContain('0.9 ± 0.01 over 2 seeds');
});
