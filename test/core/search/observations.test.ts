import { expect, test } from 'vitest';
import { observationsOf } from '../../../core/search/observations.ts';
import { confirmation, record } from './support.ts';

test('a strategy sees the trials of the search, failed ones too, and none that confirms another', () => {
  const parameters = { x: 1 };
  expect(observationsOf([record(0, 2, { parameters }), record(1, null), confirmation(0, 1, 3)])).toEqual([
    { parameters, value: 2, epochs: 10 },
    { parameters: {}, value: null, epochs: 10 },
  ]);
});

test('of a trial that a person skipped a strategy knows that it was planned, and nothing of how good it is', () => {
  expect(observationsOf([record(0, null, { failureClass: 'skipped' })])).toEqual([
    { parameters: {}, value: undefined, epochs: 10 },
  ]);
});
