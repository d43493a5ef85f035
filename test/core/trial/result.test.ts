import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseResult, type TrialResult } from '../../../core/trial/result.ts';

const expected = { sweepId: 's', trialId: 't', epochs: 3 };
const result: TrialResult = {
  ...expected,
  trial: 0,
  status: 'succeeded',
  metric: 'm',
  value: 1,
  epoch: 2,
  diverged: false,
  failure: null,
  attempt: '1-a',
  modelFiles: 0,
  facts: { startedAt: '2026-01-01T00:00:00Z', seconds: 1, host: 'h', attemptNumber: 1, logTail: '' },
};
const parsed = (change: object) => parseResult(JSON.stringify({ ...result, ...change }), expected);

test('a result is read as it was written', () => {
  expect(parsed({})).toEqual(result);
});

describe('a result is not taken', () => {
  test('of another sweep, trial or budget', () => {
    for (const change of [{ sweepId: 'x' }, { trialId: 'x' }, { epochs: 4 }]) expect(parsed(change)).toBeNull();
  });

  test('that succeeded without a value, or failed with one or without a reason', () => {
    expect(parsed({ value: null })).toBeNull();
    expect(parsed({ failure: { class: 'timeout', reason: '' } })).toBeNull();
    expect(parsed({ status: 'failed', value: null })).toBeNull();
    expect(parsed({ status: 'failed', failure: { class: 'timeout', reason: '' } })).toBeNull();
  });

  test('whose attempt could lead out of its folder', () => {
    expect(parsed({ attempt: '../x' })).toBeNull();
  });

  test('that is cut off anywhere', () => {
    const text = JSON.stringify(result);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        expect(parseResult(text.slice(0, length), expected)).toBeNull();
      }),
    );
  });
});

test('a failure with its reason is a result', () => {
  const failure = { class: 'timeout', reason: 'too slow' } as const;
  expect(parsed({ status: 'failed', value: null, failure })).toMatchObject({ failure });
});
