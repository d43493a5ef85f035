import { describe, expect, test } from 'vitest';
import { collect } from '../../../core/trial/collected.ts';
import type { TrialResult } from '../../../core/trial/result.ts';

const trial = { trial: 3, id: 't', epochs: 9, parameters: { x: 1 } };
const facts = { startedAt: '2026-01-01T00:00:00Z', seconds: 1, host: 'h', attemptNumber: 2, logTail: '' };
const result: TrialResult = {
  sweepId: 's',
  trial: 3,
  trialId: 't',
  epochs: 9,
  status: 'succeeded',
  metric: 'm',
  value: 1,
  epoch: 2,
  diverged: false,
  failure: null,
  attempt: '2-a',
  modelFiles: 4,
  facts,
};

test('a result gives what is ranked, and apart from it what only the machine decides', () => {
  expect(collect(trial, 9, result)).toMatchObject({
    record: { trial: 3, parameters: { x: 1 }, value: 1, epoch: 2, epochs: 9, status: 'succeeded', failureClass: null },
    facts: { attempt: '2-a', modelFiles: 4, host: 'h', attemptNumber: 2, reason: null },
  });
  expect(collect(trial, 9, result).record).not.toHaveProperty('host');
});

describe('a trial without a result has failed', () => {
  test('as lost, unless another reason was found', () => {
    expect(collect(trial, 9, null).record).toMatchObject({ status: 'failed', value: null, failureClass: 'lost' });
    const found = collect(trial, 9, null, { class: 'image-pull', reason: 'why' });
    expect(found).toMatchObject({ record: { failureClass: 'image-pull' }, facts: { reason: 'why' } });
  });

  test('as malformed where there is something that cannot be read, whatever else was found', () => {
    const found = collect(trial, 9, 'malformed', { class: 'image-pull', reason: 'why' });
    expect(found.record).toMatchObject({ status: 'failed', value: null, failureClass: 'malformed-result' });
  });
});

test('a run that confirms another names it and its seed, with and without a result', () => {
  const confirming = { ...trial, confirms: 1, seed: 7 };
  expect(collect(confirming, 9, result).record).toMatchObject({ confirms: 1, seed: 7 });
  expect(collect(confirming, 9, null).record).toMatchObject({ confirms: 1, seed: 7 });
});

test('a model chosen by an earlier objective is told with its epoch, where that is another', () => {
  expect(collect(trial, 9, result, undefined, { ...result, epoch: 5 }).facts.modelEpoch).toBe(5);
  expect(collect(trial, 9, result, undefined, result).facts).not.toHaveProperty('modelEpoch');
});
