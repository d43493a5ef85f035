import { describe, expect, test } from 'vitest';
import { interruptionSchema, latestInterruptions, MAX_INTERRUPTIONS } from '../../../core/trial/interruption.ts';

const interruption = (attemptNumber: number, epochs = 3) => ({
  epochs,
  attemptNumber,
  startedAt: new Date(attemptNumber * 1000).toISOString(),
  seconds: 1.5,
  host: 'h',
  why: 'AWS reclaimed the Spot instance',
});

describe('an interruption', () => {
  test.each([0, 7])('may name the slot of a pool: %i', (slot) =>
    expect(interruptionSchema.parse({ ...interruption(1), slot })).toEqual({ ...interruption(1), slot }),
  );

  test.each([
    ['epochs', 0],
    ['attemptNumber', 0],
    ['attemptNumber', 1.5],
    ['seconds', -1],
    ['slot', -1],
    ['host', undefined],
    ['why', undefined],
    ['startedAt', undefined],
  ])('is refused with %s %j', (key, value) =>
    expect(interruptionSchema.safeParse({ ...interruption(1), [key]: value }).success).toBe(false),
  );
});

describe('the interruptions that a result names', () => {
  test('are in the order in which the attempts started', () =>
    expect(latestInterruptions([interruption(2), interruption(1)], 3)).toEqual([interruption(1), interruption(2)]));

  test('are of its own budget', () =>
    expect(latestInterruptions([interruption(1, 1), interruption(2, 3)], 3)).toEqual([interruption(2, 3)]));

  test('are the latest of many', () => {
    const all = Array.from({ length: MAX_INTERRUPTIONS + 2 }, (_, index) => interruption(index + 1));
    expect(latestInterruptions(all, 3)).toEqual(all.slice(2));
  });
});
