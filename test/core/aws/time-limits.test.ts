import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { batchAttemptSeconds, PREPARATION_SECONDS } from '../../../core/aws/time-limits.ts';
import { computeSchema } from '../../../core/spec/spec.ts';

test.each([0.5, 60, 20_000])('a program that runs %d minutes is over before Batch looks at its watch', (minutes) => {
  const seconds = batchAttemptSeconds(minutes);
  expect(seconds - PREPARATION_SECONDS - minutes * 60).toBeGreaterThanOrEqual(30 * 60);
  expect(Number.isInteger(seconds)).toBe(true);
});

test('the limit grows by what the program gets, second by second', () => {
  expect(batchAttemptSeconds(61) - batchAttemptSeconds(60)).toBe(60);
  expect(batchAttemptSeconds(0.001) - batchAttemptSeconds(0.0001)).toBe(0);
});

test('a job of several trials has the time of each of their programs', () =>
  expect(batchAttemptSeconds(10, 100) - batchAttemptSeconds(10)).toBe(99 * (600 + 30)));

test('the longest attempt that a spec may ask for ends before its state does, after days in the queue', () => {
  const minutes = computeSchema.shape.timeoutMinutes.unwrap().maxValue!;
  const perJob = computeSchema.shape.trialsPerJob.unwrap().maxValue!;
  const longest = Math.max(batchAttemptSeconds(minutes), batchAttemptSeconds(minutes / perJob, perJob));
  const file = readFileSync(join(import.meta.dirname, '../../../statemachines/sweep.asl.json'), 'utf8');
  const { TrainArray, TrainOne } = JSON.parse(file).States.TrainShards.ItemProcessor.States;
  for (const { TimeoutSeconds } of [TrainArray, TrainOne])
    expect(TimeoutSeconds - longest).toBeGreaterThan(7 * 24 * 3600);
});
