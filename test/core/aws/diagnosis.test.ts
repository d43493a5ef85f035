import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyChildEnd } from '../../../core/aws/diagnosis.ts';
import { FAILURE_CLASSES } from '../../../core/trial/failure.ts';

const end = { index: 0, attempts: null };
const ESSENTIAL = 'Essential container in task exited';

describe('a trial that left no result', () => {
  test.each([
    ['interrupted', { statusReason: 'Host EC2 (instance i-0a1b2c3d4e5f67890) terminated.' }],
    ['interrupted', { statusReason: ESSENTIAL, exitCode: 75 }],
    ['data-denied', { statusReason: ESSENTIAL, exitCode: 77 }],
    [
      'image-pull',
      {
        statusReason: 'Task failed to start',
        reason: 'CannotPullContainerError: pull image manifest has been retried 5 time(s): not found',
      },
    ],
    [
      'out-of-memory',
      {
        statusReason: ESSENTIAL,
        reason: 'OutOfMemoryError: Container killed due to memory usage',
        exitCode: 137,
      },
    ],
    ['out-of-memory', { statusReason: ESSENTIAL, exitCode: 137 }],
    ['timeout', { statusReason: 'Job attempt duration exceeded timeout', exitCode: 137 }],
    [
      'disk-full',
      {
        statusReason: 'Task failed to start',
        reason: 'CannotCreateContainerError: write /var/lib/docker: no space left on device',
      },
    ],
    ['lost', { statusReason: ESSENTIAL, exitCode: 1 }],
    ['lost', { statusReason: 'Task failed to start', reason: 'ResourceInitializationError: unable to pull secrets' }],
    ['lost', { statusReason: 'Stopped by sweep stop' }],
  ])('is %s by %j', (failureClass, described) => {
    expect(classifyChildEnd({ ...end, ...described })?.class).toBe(failureClass);
  });

  test("has Batch's own words in its reason, and the attempts", () => {
    const statusReason = 'Host EC2 (instance i-0a1b2c3d4e5f67890) terminated.';
    expect(classifyChildEnd({ index: 0, attempts: 3, statusReason })?.reason).toBe(
      `its host was lost each time (${statusReason}) after 3 attempts`,
    );
  });

  test('of which Batch says nothing is not guessed at', () => {
    expect(classifyChildEnd(end)).toBeNull();
  });

  test('has a known class and a reason whatever Batch says', () => {
    const text = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
    fc.assert(
      fc.property(text, text, fc.option(fc.integer(), { nil: undefined }), (statusReason, reason, exitCode) => {
        const described = { statusReason, reason, exitCode };
        const given = Object.fromEntries(Object.entries(described).filter(([, value]) => value !== undefined));
        const failure = classifyChildEnd({ ...end, ...given });
        if (failure === null) return;
        expect(FAILURE_CLASSES).toContain(failure.class);
        expect(failure.reason).not.toBe('');
      }),
    );
  });
});
