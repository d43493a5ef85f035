import { describe, expect, test } from 'vitest';
import { type Ahead, aheadLines, aheadOf, type OpenJob } from '../../../core/aws/ahead.ts';

const job = (name: string, priority: OpenJob['priority'], statuses: OpenJob['statuses']): OpenJob => ({
  name,
  priority,
  statuses,
});
const LONG = job('sweep-long-1-0-0', 'normal', { SUCCEEDED: 90, FAILED: 1, RUNNING: 7, STARTING: 1, RUNNABLE: 412 });

describe('before a sweep of normal priority', () => {
  test('is what runs and what waits, however urgent', () => {
    const urgent = job('sweep-urgent-0-0', 'high', { RUNNABLE: 500 });
    expect(aheadOf([LONG, urgent], 'mine', 'normal')).toEqual([
      { sweepId: 'urgent', running: 0, waiting: 500 },
      { sweepId: 'long-1', running: 8, waiting: 412 },
    ]);
  });

  test('is neither what has ended nor what an earlier start of the same sweep left', () => {
    const ended = job('sweep-done-0-0', 'normal', { SUCCEEDED: 3 });
    expect(aheadOf([ended, LONG], 'long-1', 'normal')).toEqual([]);
  });

  test('the shards of one sweep are one', () => {
    const shards = [0, 1].map((shard) => job(`sweep-a-2-${shard}`, 'normal', { PENDING: 2, RUNNING: 1 }));
    expect(aheadOf(shards, 'mine', 'normal')).toEqual([{ sweepId: 'a', running: 2, waiting: 4 }]);
  });

  test('jobs of no sweep are named as they are', () => {
    expect(aheadOf([job('nightly-etl', 'normal', { SUBMITTED: 1 })], 'mine', 'normal')).toEqual([
      { sweepId: 'nightly-etl', running: 0, waiting: 1 },
    ]);
  });
});

test('before a sweep of high priority is what runs, and of what waits only what is as urgent', () => {
  const urgent = job('sweep-urgent-0-0', 'high', { RUNNABLE: 2 });
  expect(aheadOf([LONG, urgent], 'mine', 'high')).toEqual([
    { sweepId: 'long-1', running: 8, waiting: 0 },
    { sweepId: 'urgent', running: 0, waiting: 2 },
  ]);
});

test('a person reads of the three largest, and of the others together', () => {
  const ahead: Ahead[] = ['a', 'b', 'c', 'd', 'e'].map((sweepId) => ({ sweepId, running: 1, waiting: 10 }));
  expect(aheadLines(ahead.slice(0, 1))).toEqual(['trials of a: 1 running, 10 waiting']);
  expect(aheadLines(ahead)).toEqual([
    'trials of a: 1 running, 10 waiting',
    'trials of b: 1 running, 10 waiting',
    'trials of c: 1 running, 10 waiting',
    'trials of 2 more sweeps: 2 running, 20 waiting',
  ]);
  expect(aheadLines([{ sweepId: 'a', running: 0, waiting: 3 }])).toEqual(['trials of a: 3 waiting']);
});
