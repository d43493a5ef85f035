import { expect, test } from 'vitest';
import {
  BadInput,
  badInput,
  CorruptObject,
  isVerdict,
  PlanTooLarge,
  SweepLocked,
  SweepstackError,
} from '../../../core/base/errors.ts';

test('each error has the name that the state machine matches', () => {
  const errors = [new BadInput([]), new SweepLocked(), new PlanTooLarge(), new CorruptObject(), new SweepstackError()];
  expect(errors.map(({ name }) => name)).toEqual([
    'BadInput',
    'SweepLocked',
    'PlanTooLarge',
    'CorruptObject',
    'SweepstackError',
  ]);
});

test('bad input tells every problem, each on a line with its field', () => {
  const error = new BadInput([
    { field: 'a.b', message: 'received 1' },
    { field: '', message: 'received 2' },
  ]);
  expect(error.message).toBe('a.b: received 1\nreceived 2');
});

test('a problem of one field keeps its field', () => {
  expect(badInput('a', 'is missing').problems).toEqual([{ field: 'a', message: 'is missing' }]);
});

test('a sweep that ran and failed is told from one that could not run', () => {
  const names = ['ToleranceExceeded', 'NoTrialFinished', 'BudgetEnded', 'BadInput', 'SweepLocked', 'States.TaskFailed'];
  expect(names.filter(isVerdict)).toEqual(['ToleranceExceeded', 'NoTrialFinished', 'BudgetEnded']);
});
