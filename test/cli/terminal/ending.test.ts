import { describe, expect, test } from 'vitest';
import { endingText, invocation, nextText, type RunSummary } from '../../../cli/terminal/ending.ts';

const SUCCEEDED: RunSummary = {
  sweepId: 'digits-1',
  status: 'succeeded',
  trials: { planned: 12, trained: 12, reused: 0, failed: 0 },
  best: {
    trialId: '0123456789abcdef',
    parameters: { learning_rate: 0.01, layers: 3 },
    metric: 'val_accuracy',
    value: 0.97,
    epoch: 9,
    model: '/runs/digits-1/best',
  },
  leaderboard: '/runs/digits-1/leaderboard.json',
  report: '/runs/digits-1/report.html',
};
const FAILURES = [
  {
    class: 'gpu-out-of-memory',
    count: 7,
    remedy: 'lower the batch size',
    shared: ['batch_size 256'],
    example: { trial: 2, id: 'fedcba9876543210', reason: 'CUDA out of memory', logTail: 'Traceback ...' },
  },
];
const FAILED: RunSummary = {
  ...SUCCEEDED,
  status: 'failed',
  trials: { planned: 12, trained: 12, reused: 0, failed: 7 },
  error: '7 of 12 trials failed, more than 25%',
};

describe('a run ends', () => {
  test('with its winner, said once, below each other', () => {
    expect(endingText(SUCCEEDED, [])).toBe(
      [
        'digits-1 succeeded: 12 trials, 12 trained, 0 reused, 0 failed',
        '  best val_accuracy  0.97 at epoch 9 (trial 0123456789abcdef)',
        '  parameters         learning_rate=0.01 layers=3',
        '  model              /runs/digits-1/best',
        '  leaderboard        /runs/digits-1/leaderboard.json',
        '  report             /runs/digits-1/report.html',
      ].join('\n'),
    );
  });

  test('with the values of its other objectives', () => {
    const best = { ...SUCCEEDED.best!, others: { size: 12.5, latency: 3 } };
    expect(endingText({ ...SUCCEEDED, best }, [])).toContain('\n  other objectives   size 12.5, latency 3\n');
  });

  test('where it failed with the class, its count, one sentence, the remedy and the log, a line each', () => {
    expect(endingText(FAILED, FAILURES).split('\n').slice(0, 6)).toEqual([
      'digits-1 failed: 12 trials, 12 trained, 0 reused, 7 failed',
      '  why                7 of 12 trials failed, more than 25%',
      '  failed             7 gpu-out-of-memory, all with batch_size 256',
      '  trial 2            CUDA out of memory',
      '  to do              lower the batch size',
      '  its log            sweep logs digits-1 2',
    ]);
  });
});

test('what was not run is told apart from what was trained and what failed', () => {
  const trials = { planned: 16, trained: 6, reused: 0, failed: 16, notRun: 10, skipped: 1 };
  expect(endingText({ ...FAILED, trials }, FAILURES)).toMatch(
    /^digits-1 failed: 16 trials, 6 trained, 0 reused, 6 failed, 10 not run, 1 skipped\n/,
  );
});

describe('what comes next', () => {
  test('is three commands as this person calls them', () => {
    expect(nextText(SUCCEEDED, 'npx sweep', null).split('\n')).toEqual([
      'next:',
      '  npx sweep report digits-1          # the best trials',
      '  npx sweep reproduce digits-1 best  # train the winner again',
      '  npx sweep logs digits-1 best       # what it printed',
    ]);
  });

  test('where trials failed begins with why', () => {
    expect(nextText(FAILED, 'sweep', null)).toMatch(/^next:\n {2}sweep status digits-1 /);
  });

  test('where nothing succeeded speaks of no winner', () => {
    expect(nextText({ ...FAILED, best: null }, 'sweep', null)).toBe(
      'next:\n  sweep status digits-1  # why trials failed',
    );
  });

  test('of a sweep in a bucket names no command that would not find it', () => {
    expect(nextText(SUCCEEDED, 'sweep', 's3://lab/a')).toMatch(/^next: the files above; .* s3:\/\/lab\/a only /);
  });

  test('is called by npx only where npx called it', () => {
    expect([invocation({ npm_command: 'exec' }), invocation({})]).toEqual(['npx sweep', 'sweep']);
  });
});
