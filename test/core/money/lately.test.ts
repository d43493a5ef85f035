import { expect, test } from 'vitest';
import type { PaidAttempt } from '../../../core/money/attempts.ts';
import { interruptionWarning, latelyOf } from '../../../core/money/lately.ts';

const attempt = (start: number, seconds: number, outcome: PaidAttempt['outcome'] = 'succeeded'): PaidAttempt => ({
  ...{ trial: 0, id: 'a', host: 'h', start: start * 1000, seconds, outcome, wasTakenBack: false },
  instance: { type: 'g4dn.xlarge', purchase: 'spot', zone: 'us-east-1a' },
});

test('only what falls into the last hour counts', () => {
  const attempts = [attempt(0, 4000, 'interrupted'), attempt(0, 7000), attempt(7000, 200)];
  expect(latelyOf(attempts)).toEqual({ paid: 400 + 3400 + 200, interrupted: 400 });
  expect(latelyOf([])).toEqual({ paid: 0, interrupted: 0 });
});

test("nothing on a machine of one's own counts, where Ctrl-C interrupts", () => {
  const here = { ...attempt(0, 600, 'interrupted'), instance: undefined };
  expect(latelyOf([here, attempt(600, 60)])).toEqual({ paid: 60, interrupted: 0 });
});

test('more than 30 percent of it is said, with what ends it', () => {
  expect(interruptionWarning({ paid: 1000, interrupted: 300 }, 'gpu')).toBeNull();
  expect(interruptionWarning({ paid: 0, interrupted: 0 }, 'gpu')).toBeNull();
  expect(interruptionWarning({ paid: 1000, interrupted: 310 }, 'gpu')).toMatch(/^31 % .* like gpu with spot: false/);
});
