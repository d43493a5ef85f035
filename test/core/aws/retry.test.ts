import { expect, test } from 'vitest';
import { RETRY_RULES, retryStrategy, shouldRetry } from '../../../core/aws/retry.ts';

const strategy = retryStrategy(3);

test.each([
  ['a lost host', { statusReason: 'Host EC2 (instance i-0abc) terminated.' }],
  ['an image that could not be pulled', { reason: 'CannotPullContainerError: manifest unknown' }],
  ['a container that did not start', { statusReason: 'Task failed to start' }],
  ['an interrupted trial', { exitCode: 75, reason: 'Essential container in task exited' }],
])('%s is tried again', (_, end) => {
  expect(shouldRetry(strategy, 1, end)).toBe(true);
});

test.each([
  ['a program that failed', { exitCode: 1, reason: 'Essential container in task exited' }],
  ['a program without memory', { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }],
  ['nothing known', {}],
])('%s is not tried again', (_, end) => {
  expect(shouldRetry(strategy, 1, end)).toBe(false);
});

test('the last attempt is the last', () => {
  expect(shouldRetry(strategy, 3, { exitCode: 75 })).toBe(false);
});

test('Batch takes the table: at most five rules, a star only at the end, and the last rule matches everything', () => {
  expect(RETRY_RULES.length).toBeLessThanOrEqual(5);
  for (const { Action: _, ...patterns } of RETRY_RULES) {
    for (const pattern of Object.values(patterns)) expect(pattern).toMatch(/^[^*]*\*?$/);
  }
  expect(RETRY_RULES.at(-1)).toEqual({ OnReason: '*', Action: 'EXIT' });
});
