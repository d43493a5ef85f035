import { describe, expect, test } from 'vitest';
import { frame } from '../../../cli/terminal/frame.ts';
import { leaderboardTable } from '../../../cli/terminal/table.ts';
import { width } from '../../../cli/terminal/text.ts';
import { wrap } from '../../../cli/terminal/wrap.ts';
import { formatProblem } from '../../../core/base/errors.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { SweepEvent } from '../../../core/sweep/events.ts';
import type { Leaderboard } from '../../../core/sweep/leaderboard.ts';
import { advance, initialProgress } from '../../../core/sweep/progress.ts';

// What a person sees on terminals of four widths, as text to be read: widths/<columns>.txt.

const SPEC = resolveSpec({
  sweepId: 'language-model-1a2b3c4d',
  search: {
    strategy: 'random',
    trials: 40,
    space: {
      learning_rate: { min: 0.0001, max: 0.1, scale: 'log' },
      weight_decay: { min: 0, max: 0.1 },
      batch_size: [16, 32, 64],
      'optimizer.momentum': { min: 0.8, max: 0.99 },
      layers: { min: 1, max: 6, type: 'integer' },
      activation: ['gelu', 'relu'],
      seed_everything: [1],
    },
  },
  objective: { metric: 'val_accuracy' },
  training: { command: ['train'], epochs: 10 },
});

const parametersOf = (trial: number) => ({
  learning_rate: Number((0.0001 * 1.37 ** trial).toPrecision(6)),
  weight_decay: trial / 100,
  batch_size: [16, 32, 64][trial % 3]!,
  'optimizer.momentum': (80 + trial) / 100,
  layers: (trial % 6) + 1,
  activation: ['gelu', 'relu'][trial % 2]!,
  seed_everything: 1,
});

function picture(columns: number): string[] {
  const events: SweepEvent[] = [
    { type: 'execution-started', sweepId: SPEC.sweepId!, execution: 'x', machine: null, slots: 4 },
    { type: 'round-planned', round: 0, kind: 'search', trials: 40, reused: 0, epochs: 10 },
    ...[0, 1, 2, 3, 4, 5].map((trial): SweepEvent => {
      const parameters = parametersOf(trial);
      return { type: 'trial-started', trial, id: `id-${trial}`, parameters, epochs: 10, slot: trial % 4, attempt: 1 };
    }),
    ...[0, 1].map((trial): SweepEvent => {
      const end = { status: 'succeeded', value: 0.8 + trial / 10, epoch: 9, failure: null } as const;
      return { type: 'trial-ended', trial, id: `id-${trial}`, ...end, seconds: 40, reused: false };
    }),
    { type: 'trial-metrics', trial: 3, id: 'id-3', epoch: 4, value: 0.8123 },
  ];
  const progress = events.reduce(
    (so, event, second) => advance(so, event, second * 1000, SPEC),
    initialProgress(SPEC, 0),
  );
  return frame(progress, SPEC, { columns, rows: 40, color: false, unicode: true });
}

const LEADERBOARD = {
  sweepId: SPEC.sweepId!,
  objective: { metric: 'val_accuracy', goal: 'maximize' },
  counts: { planned: 12, succeeded: 11, failed: 1 },
  importance: { layers: 0.6, learning_rate: 0.2, batch_size: 0.1 },
  trials: [0, 1, 2].map((trial) => ({
    rank: trial === 2 ? null : trial + 1,
    trial,
    id: `${trial}f3a9c0d1e2b4a5f`,
    parameters: parametersOf(trial),
    value: trial === 2 ? null : 0.97 - trial / 100,
    epoch: trial === 2 ? null : 9,
    epochs: 10,
    status: trial === 2 ? 'failed' : 'succeeded',
    ...(trial === 2 ? { failureClass: 'gpu-out-of-memory' } : {}),
  })),
} as unknown as Leaderboard;

const SENTENCES = [
  `  ${formatProblem({ field: 'search.strategy', message: 'received "bayes"; allowed: grid, random, sobol, bayesian, halving; did you mean bayesian?' })}`,
  'storage    manifest 12 kB, source 1.2 MB, data /home/somebody/experiments/language-model/data',
  '  to do: use a smaller batch_size, or a larger instance type; sweep logs language-model-1a2b3c4d 2 shows what it printed',
];

describe.each([60, 80, 120, 200])('%i columns', (columns) => {
  const lines = [
    ...picture(columns),
    '',
    ...[leaderboardTable(LEADERBOARD, 20, columns - 1), '', ...SENTENCES].flatMap((text) =>
      wrap(text, columns - 1).split('\n'),
    ),
  ];

  test('show what they can', async () => {
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`widths/${columns}.txt`);
  });

  test('hold every line that is no long word', () => {
    for (const line of lines.filter((text) => !text.includes('/home/'))) expect(width(line)).toBeLessThan(columns);
  });
});
