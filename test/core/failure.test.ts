import { describe, expect, test } from 'vitest';
import { classifyEnd, FAILURES, STATUSES } from '../../core/failure.ts';

const end = (exitCode: number, logTail = '') => classifyEnd({ exitCode, signal: null, logTail });

describe('an exit status of sysexits.h', () => {
  test.each([
    [64, 'bad-setting'],
    [65, 'non-finite'],
    [66, 'data-missing'],
    [67, 'data-missing'],
    [68, 'data-unreadable'],
    [69, 'too-few-gpus'],
    [70, 'gpu-out-of-memory'],
    [71, 'out-of-memory'],
    [74, 'disk-full'],
  ] as const)('%i is the class %s, and the last line its reason', (status, failureClass) => {
    expect(end(status, 'epoch 1\ntrain.py: what it was\n')).toEqual({
      class: failureClass,
      reason: 'train.py: what it was',
    });
  });

  test('without a word is told as a status', () => {
    expect(end(70).reason).toBe('the program exited with status 70');
  });

  test('says less than what the program printed', () => {
    expect(end(65, 'OSError: [Errno 28] No space left on device').class).toBe('disk-full');
  });

  test('outside the table is none of these', () => {
    for (const status of [1, 2, 63, 72, 73, 76, 78])
      expect([status, end(status).class]).toEqual([status, 'exit-status']);
  });
});

test('interrupted and denied are no failures of a training', () => {
  expect(Object.keys(STATUSES)).not.toContain('75');
  expect(Object.keys(STATUSES)).not.toContain('77');
});

test('every class tells what to do', () => {
  for (const [name, { remedy }] of Object.entries(FAILURES)) expect(remedy, name).toMatch(/\w+ \w+/);
});
