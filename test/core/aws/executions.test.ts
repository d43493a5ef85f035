import { describe, expect, test } from 'vitest';
import { executionName, isExecutionOf, isNamedAfter, isRunningStatus } from '../../../core/aws/executions.ts';

const NOW = new Date('2026-03-04T05:06:07.890Z');

test.each([
  ['RUNNING', true],
  ['PENDING_REDRIVE', true],
  ['SUCCEEDED', false],
  ['ABORTED', false],
  [undefined, false],
])('of status %s an execution runs: %s', (status, runs) => {
  expect(isRunningStatus(status)).toBe(runs);
});

describe('an execution', () => {
  test('is of the state machine that its ARN names, and of none whose name goes on', () => {
    const arn = (kind: string, name: string) => `arn:aws:states:us-east-1:123456789012:${kind}:${name}`;
    const machine = arn('stateMachine', 'One-Sweep');
    expect(isExecutionOf(machine, arn('execution', 'One-Sweep:digits-1'))).toBe(true);
    expect(isExecutionOf(machine, arn('execution', 'One-Sweep-2:digits-1'))).toBe(false);
  });

  test('of a sweep is found by its name', () => {
    expect(executionName('digits', NOW)).toBe('digits-20260304T050607');
    expect(isNamedAfter('digits', executionName('digits', NOW))).toBe(true);
    expect(isNamedAfter('digits', 'digits')).toBe(true);
  });

  test('of a sweep whose id goes on is not taken for one of this sweep', () => {
    expect(isNamedAfter('digits', executionName('digits-2', NOW))).toBe(false);
    expect(isNamedAfter('digits', 'digits-2')).toBe(false);
  });

  test('has a name of 80 characters at most', () => {
    expect(executionName('x'.repeat(80), NOW)).toHaveLength(80);
  });
});
