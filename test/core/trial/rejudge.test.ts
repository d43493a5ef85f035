import { expect, test } from 'vitest';
import { rejudge } from '../../../core/trial/rejudge.ts';
import type { TrialResult } from '../../../core/trial/result.ts';

const LOSS = { metric: 'loss', goal: 'minimize', at: 'best' } as const;
const METRICS = [
  { epoch: 1, values: { accuracy: 0.5, loss: 3 } },
  { epoch: 2, values: { accuracy: 0.9, loss: 4 } },
];

const BY_ACCURACY: TrialResult = {
  sweepId: 's',
  trial: 0,
  trialId: '0123456789abcdef',
  epochs: 2,
  status: 'succeeded',
  metric: 'accuracy',
  goal: 'maximize',
  at: 'best',
  value: 0.9,
  epoch: 2,
  diverged: false,
  failure: null,
  attempt: '1-ab',
  modelFiles: 1,
  facts: { startedAt: '2026-01-01T00:00:00.000Z', seconds: 1, host: 'here', attemptNumber: 1, logTail: '' },
};

test('a result has the value, the epoch and the curve of the new objective', () => {
  expect(rejudge(LOSS, BY_ACCURACY, METRICS)).toMatchObject({
    ...{ ...LOSS, status: 'succeeded', value: 3, epoch: 1, attempt: '1-ab' },
    curve: [
      [1, 3],
      [2, 4],
    ],
  });
});

test('a success that did not report the new metric fails, and says what it reported', () => {
  const result = rejudge({ ...LOSS, metric: 'f1' }, BY_ACCURACY, METRICS);
  expect(result).toMatchObject({ status: 'failed', value: null, epoch: null, failure: { class: 'no-metric' } });
  expect(result.failure?.reason).toMatch(/accuracy, loss/);
});

test('a trial that failed for want of the old metric succeeds by the new one', () => {
  const failure = { class: 'no-metric', reason: 'it reported accuracy, loss' } as const;
  const result = rejudge(LOSS, { ...BY_ACCURACY, status: 'failed', value: null, epoch: null, failure }, METRICS);
  expect(result).toMatchObject({ status: 'succeeded', value: 3, failure: null });
});

test('a program that broke off has failed by any objective', () => {
  const failure = { class: 'exit-status', reason: 'exit status 1' } as const;
  const failed: TrialResult = { ...BY_ACCURACY, status: 'failed', value: null, epoch: null, failure };
  expect(rejudge(LOSS, failed, METRICS)).toMatchObject({ status: 'failed', value: null, failure, metric: 'loss' });
});
