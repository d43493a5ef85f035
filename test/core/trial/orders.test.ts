import { describe, expect, test } from 'vitest';
import { NO_ORDERS } from '../../../core/layout/control.ts';
import { orderBefore, orderDuring } from '../../../core/trial/orders.ts';

const paused = { ...NO_ORDERS, paused: true };
const skipping = { ...NO_ORDERS, skipped: [3] };

describe('a trial that is about to begin', () => {
  test('begins where nobody asked for anything', () => {
    expect(orderBefore(NO_ORDERS, 3)).toBeNull();
  });

  test('leaves while the sweep is paused', () => {
    expect(orderBefore(paused, 3)?.kind).toBe('leave');
  });

  test('is skipped where it was named, and no other is', () => {
    expect([2, 3].map((trial) => orderBefore(skipping, trial)?.kind)).toEqual([undefined, 'skip']);
  });

  test('is skipped also while the sweep is paused', () => {
    expect(orderBefore({ ...paused, skipped: [3] }, 3)?.kind).toBe('skip');
  });
});

describe('a trial that runs', () => {
  test('finishes while the sweep is paused', () => {
    expect(orderDuring(paused, 3)).toBeNull();
  });

  test('leaves where the pause is to be at once', () => {
    expect(orderDuring({ ...paused, now: true }, 3)?.kind).toBe('leave');
  });

  test('goes on where a pause was taken back', () => {
    expect(orderDuring({ ...NO_ORDERS, now: true }, 3)).toBeNull();
  });

  test('ends where it was named, and no other does', () => {
    expect([2, 3].map((trial) => orderDuring(skipping, trial)?.kind)).toEqual([undefined, 'skip']);
  });
});
