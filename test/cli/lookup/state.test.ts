import { expect, test } from 'vitest';
import { endedAs } from '../../../cli/lookup/state.ts';

const left = { isComplete: false, isHeld: false };

test.each([
  ['one that failed before all its trials were begun has failed', 'failed', left, false, 'failed'],
  [
    'one that failed and was broken off when it was gone on with is stopped',
    'failed',
    { ...left, isHeld: true },
    false,
    'stopped',
  ],
  ['one that has more trials than were judged is stopped', 'succeeded', left, false, 'stopped'],
  ['one between two rounds is stopped', 'running', left, false, 'stopped'],
  ['one that was paused is paused', 'paused', left, true, 'paused'],
] as const)('%s', (_, status, how, paused, expected) => {
  expect(endedAs({ status }, how, { paused })).toBe(expected);
});
