import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { SweepEvent, TrialEnded } from '../../../core/sweep/events.ts';
import { advance, initialProgress, type Progress, secondsLeft, trialsDone } from '../../../core/sweep/progress.ts';

const spec = resolveSpec({
  search: { strategy: 'random', trials: 4, rounds: 2, space: { x: { min: 0, max: 1 } } },
  training: { epochs: 10 },
});
const halving = resolveSpec({
  search: { strategy: 'halving', trials: 3, space: { x: { min: 0, max: 1 } } },
  training: { epochs: 3 },
});

/** Each event a second after the one before. */
const progressOf = (events: readonly SweepEvent[], given = spec): Progress =>
  events.reduce(
    (progress, event, index) => advance(progress, event, 1000 * (index + 1), given),
    initialProgress(given, 0),
  );

const planned = (round: number, trials: number, more: Partial<Extract<SweepEvent, { type: 'round-planned' }>> = {}) =>
  ({ type: 'round-planned', round, trials, reused: 0, epochs: 10, kind: 'search', ...more }) as const;
const started = (number: number) =>
  ({
    type: 'trial-started',
    trial: number,
    id: `t${number}`,
    parameters: {},
    epochs: 10,
    slot: 0,
    attempt: 1,
  }) as const;
const ended = (number: number, more: Partial<TrialEnded> = {}): TrialEnded => ({
  type: 'trial-ended',
  trial: number,
  id: `t${number}`,
  status: 'succeeded',
  value: 1,
  epoch: 1,
  failure: null,
  seconds: 1,
  reused: false,
  ...more,
});
const metrics = (number: number, epoch: number) =>
  ({ type: 'trial-metrics', trial: number, id: `t${number}`, epoch, value: 1 }) as const;

test('before its first event a sweep has the trials and rounds that its spec foresees', () => {
  expect(initialProgress(spec, 0)).toMatchObject({ total: 4, rounds: 2, planned: 0 });
  expect(initialProgress(halving, 0)).toMatchObject({ total: 4, rounds: 2, epochs: { from: 0, to: 1 } });
});

test('a trial is counted once it has ended, by how it ended', () => {
  const failure = { class: 'timeout', reason: '' };
  const progress = progressOf([
    planned(0, 3, { reused: 1 }),
    started(1),
    ended(1, { status: 'failed', value: null, failure }),
    started(2),
  ]);
  expect(progress).toMatchObject({ trained: 1, failed: 1, failures: { timeout: 1 }, running: { t2: { trial: 2 } } });
  expect(trialsDone(progress)).toBe(2);
});

test('an interrupted attempt runs no more, and its trial is not done', () => {
  const progress = progressOf([
    planned(0, 2),
    started(0),
    { type: 'trial-interrupted', trial: 0, id: 't0', attempt: 1 },
  ]);
  expect(progress).toMatchObject({ running: {}, interrupted: 1, trained: 0 });
});

test('a smaller round than was foreseen makes the sweep smaller', () => {
  expect(progressOf([planned(0, 1)]).total).toBe(3);
});

describe('the time that is left', () => {
  test('is unknown before the first epoch, and at the end', () => {
    expect(secondsLeft(progressOf([planned(0, 2), started(0)]))).toBeNull();
    expect(
      secondsLeft(
        progressOf([planned(0, 2), started(0), ended(0), { type: 'sweep-ended', sweepId: 's', status: 'interrupted' }]),
      ),
    ).toBeNull();
  });

  test('is that of the epochs that are left, at the pace so far', () => {
    // 2 of 4 trials are 20 of 40 epochs, in the 3 s since the first start.
    expect(secondsLeft(progressOf([planned(0, 2), started(0), started(1), ended(0), ended(1)]))).toBeCloseTo(3, 9);
  });

  test('counts the epochs of trials that still run', () => {
    // 5 of 40 epochs in 1 s.
    expect(secondsLeft(progressOf([planned(0, 2), started(0), metrics(0, 5)]))).toBeCloseTo(7, 9);
  });

  test('is not known once all epochs are trained and a trial has yet to end', () => {
    const all = [started(2), started(3), ended(2), metrics(3, 10)];
    const first = [planned(0, 2), started(0), started(1), ended(0), ended(1), planned(1, 2)];
    expect(secondsLeft(progressOf([...first, ...all]))).toBeNull();
  });

  test('counts nothing for what was trained before', () => {
    // 10 of 30 epochs in 1 s: what was reused is no work of this run.
    expect(secondsLeft(progressOf([planned(0, 2, { reused: 1 }), started(1), ended(1)]))).toBeCloseTo(2, 9);
  });

  test('counts only the epochs that a rung adds', () => {
    const progress = progressOf([planned(0, 3, { epochs: 1 }), planned(1, 1, { kind: 'rung', epochs: 3 })], halving);
    expect(progress.work).toMatchObject({ planned: 5, ahead: 0 });
  });
});
