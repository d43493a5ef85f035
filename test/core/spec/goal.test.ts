import { expect, test } from 'vitest';
import { isBetter } from '../../../core/spec/goal.ts';

test('better is higher or lower, by the goal', () => {
  expect([isBetter(2, 1, 'maximize'), isBetter(1, 2, 'maximize')]).toEqual([true, false]);
  expect([isBetter(2, 1, 'minimize'), isBetter(1, 2, 'minimize')]).toEqual([false, true]);
});

test('an equal value is not better', () => {
  expect([isBetter(1, 1, 'maximize'), isBetter(1, 1, 'minimize')]).toEqual([false, false]);
});
