import { expect, test } from 'vitest';
import type { PaidAttempt } from '../../../core/money/attempts.ts';
import { phasesText, phasesTogether } from '../../../core/money/trial-phases.ts';
import { waitedSeconds } from '../../../core/money/waiting.ts';

type Attempt = Parameters<typeof waitedSeconds>[0];

/** Seconds after the submission of its job. */
const attempt = (start: number, over: Partial<PaidAttempt> = {}): Attempt => ({
  ...{ number: 1, submitted: 0, start: start * 1000, seconds: 100 },
  ...over,
});
const pulling = (seconds: number) => ({ phases: { pulling: seconds, fetching: 0, training: 100 } });

test('an attempt waits from the submission of its job until its image is pulled', () => {
  expect(waitedSeconds(attempt(90), undefined)).toBe(90);
  expect(waitedSeconds(attempt(90, pulling(30)), undefined)).toBe(60);
});

test('one that follows an interrupted one waits from the end of that one', () => {
  expect(waitedSeconds(attempt(400, { number: 2, ...pulling(20) }), attempt(90))).toBe(190);
});

test('a trial that a later start of the sweep goes on with waits from then on', () => {
  expect(waitedSeconds(attempt(1030, { submitted: 1_000_000 }), attempt(90, { number: 2 }))).toBe(30);
});

test('a trial that failed beside others and runs again alone waits from its failure', () => {
  expect(waitedSeconds(attempt(200), attempt(90))).toBe(10);
});

test.each<[string, Attempt, Attempt | undefined]>([
  ['its job does not tell when it was submitted', { start: 90_000, seconds: 1 }, undefined],
  ['it follows one that was killed', attempt(400, { number: 2 }), undefined],
  ['one that was killed lies between', attempt(400, { number: 3 }), attempt(90)],
])('nobody knows how long an attempt waited where %s', (_, one, before) => {
  expect(waitedSeconds(one, before)).toBeNull();
});

test('clocks that differ make no wait shorter than none', () => {
  expect(waitedSeconds(attempt(-5), undefined)).toBe(0);
});

test('phases that nobody recorded are not told as no time at all', () => {
  expect(phasesText(phasesTogether([]), String)).toBeNull();
  expect(phasesText({ waiting: null, pulling: null, fetching: 2, training: 0, uploading: 0 }, String)).toBe(
    '0 training, 2 fetching, 0 uploading at the end',
  );
});
