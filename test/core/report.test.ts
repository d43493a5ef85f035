import { expect, test } from 'vitest';
import type { Facts } from '../../core/facts.ts';
import type { Leaderboard, RankedTrial } from '../../core/leaderboard.ts';
import { renderReport } from '../../core/report.ts';
import { resolveSpec } from '../../core/spec-check.ts';

const spec = resolveSpec({ search: { space: { rate: [0.1, 0.2], kind: ['<script>alert(1)</script>', 'b'] } } });
const trial: RankedTrial = {
  rank: 1,
  trial: 0,
  id: '0000000000000000',
  parameters: { kind: '<script>alert(1)</script>', rate: 0.1 },
  value: 0.5,
  epoch: 1,
  epochs: 10,
  status: 'succeeded',
};
const board = (more: Partial<Leaderboard>): Leaderboard => ({
  sweepId: 's-1',
  objective: { metric: 'val_accuracy', goal: 'maximize' },
  counts: { planned: 1, succeeded: 1, failed: 0 },
  trials: [trial],
  ...more,
});
const facts: Facts = {
  sweepId: 's-1',
  execution: 'e',
  status: 'succeeded',
  trials: { planned: 1, trained: 1, reused: 0, failed: 0 },
  failures: [],
  byTrial: [],
};

test('values of a person are shown as text', () => {
  const page = renderReport(spec, board({}), facts);
  expect(page).not.toContain('<script>');
  expect(page).toContain('&#60;script&#62;');
});

test('a winner that was confirmed is shown by its mean and spread', () => {
  const confirmed = { mean: 0.48, spread: 0.0123, seeds: [1, 2, 3].map((seed) => ({ seed, value: 0.48 })) };
  expect(renderReport(spec, board({ trials: [{ ...trial, confirmed }] }), facts)).toContain(
    '0.48 &plusmn; 0.012 <small>over 3 seeds</small>',
  );
});

test('the importance of parameters, early ends and stopped trials are told', () => {
  const page = renderReport(
    spec,
    board({ importance: { rate: 0.9, kind: 0.1 }, trials: [{ ...trial, stopped: 'median' }] }),
    { ...facts, stopped: 'search.stop.value: 0.5 is as good as 0.4' },
  );
  expect(page).toMatch(/rate<\/th><td>90 %/);
  expect(page).toContain('Ended early: search.stop.value');
  expect(page).toContain('0.5 (stopped early)');
});
