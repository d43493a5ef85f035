import { expect, test } from 'vitest';
import { colorsOf } from '../../../cli/terminal/colors.ts';
import { lastingLines } from '../../../cli/terminal/lasting.ts';

test('a trial that was skipped before it began did not run for no time', () => {
  const line = lastingLines(colorsOf(false));
  const ended = { type: 'trial-ended', trial: 5, id: 'a', status: 'failed', value: null, epoch: null } as const;
  const skipped = { ...ended, failure: { class: 'skipped', reason: 'r' }, reused: false };
  expect(line({ ...skipped, seconds: 0 })).toBe('trial 5 (a) skipped');
  expect(line({ ...skipped, seconds: 60 })).toBe('trial 5 (a) skipped after 1m 0s');
});

test('a trial that was not run did not fail after no time', () => {
  const line = lastingLines(colorsOf(false));
  const ended = { type: 'trial-ended', trial: 5, id: 'a', status: 'failed', value: null, epoch: null } as const;
  const failure = { class: 'not-run', reason: 'five trials failed alike' };
  expect(line({ ...ended, failure, seconds: 0, reused: false })).toBe(
    'trial 5 (a) was not run: five trials failed alike',
  );
  expect(line({ ...ended, failure: { class: 'timeout', reason: 'r' }, seconds: 60, reused: false })).toContain(
    'failed',
  );
});
