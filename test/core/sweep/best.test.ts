import { expect, test } from 'vitest';
import { bestSchema, lostModel } from '../../../core/sweep/best.ts';

const best = bestSchema.parse({
  sweepId: 's',
  trial: 1,
  trialId: 't',
  parameters: {},
  metric: 'm',
  value: 1,
  epoch: 1,
  epochs: 2,
  model: null,
});

test('a model is lost where there is none and a note says why', () => {
  expect(lostModel({ ...best, modelNote: 'it was dropped' })).toBe('it was dropped');
});

test('a model that is there is not lost, whatever is noted of it', () => {
  expect(lostModel({ ...best, model: 'prefix/', modelNote: 'it was rewritten' })).toBeNull();
});

test('a program that wrote no model lost none', () => {
  expect(lostModel(best)).toBeNull();
});
