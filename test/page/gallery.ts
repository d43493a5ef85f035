import type { ViewedSweep } from '../../cli/lookup/view-page.ts';
import type { OpenTraining } from '../../core/report/open.ts';
import type { Best } from '../../core/sweep/best.ts';
import { classifier, type MadeSweep, priced } from './sweeps.ts';

/** Sweeps of every kind that the page has to show well; test/page/pictures.ts takes pictures of them. */
export const gallery = (): Record<string, MadeSweep> => ({
  'trials-12': classifier(12, { slots: 2 }),
  'trials-200-confirmed': priced(classifier(200, { confirm: { top: 3, seeds: 3 }, logged: true })),
  'trials-2000': classifier(2000, { slots: 16 }),
  halving: halving(81, [1, 3, 9, 27]),
  'all-failed': {
    ...classifier(12),
    status: 'failed',
    train: (_, trial) =>
      trial < 5
        ? {
            failure: 'exit-status',
            reason: 'the program exited with status 1: ModuleNotFoundError: No module named "timm"',
            log: 'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    import timm\nModuleNotFoundError: No module named "timm"',
          }
        : { failure: 'not-run', reason: 'five trials failed alike (exit-status), and none has succeeded' },
  },
  'five-failures': fiveFailures(),
  running: { ...classifier(30), status: 'running', waiting: 34, open: openOf(classifier(30)) },
  'categories-30': categories(),
});

/** Sweeps that are compared: alike but for their size and space, one with several budgets, one of another objective. */
export const comparisons = (): Record<string, readonly MadeSweep[]> => {
  const { 'trials-200-confirmed': large, halving: rungs, 'categories-30': other } = gallery();
  const made = classifier(40, { sweepId: 'digits-00aa11bb', slots: 2 });
  const small = { ...made, spec: { ...made.spec, search: { ...made.spec.search, seed: 7 } } };
  return {
    'two-sweeps': [priced(small), large!],
    'three-sweeps': [small, { ...rungs!, sweepId: 'digits-22cc33dd' }, other!],
  };
};

/** A list of sweeps as `sweep view` shows it: running, ended, failed, one that cannot be read. */
export function viewed(): ViewedSweep[] {
  const parameters = {
    batch_size: 64,
    dropout: 0.1,
    learning_rate: 0.0000373567,
    optimizer: 'adamw',
    'optimizer.beta2': 0.98,
  };
  const best = (value: number, metric = 'val_accuracy') => ({ metric, value, parameters }) as unknown as Best;
  const failures = [
    { class: 'exit-status', count: 6, shared: ['batch_size 256'] },
    { class: 'not-run', count: 10, shared: [] },
  ] as unknown as ViewedSweep['failures'];
  const none = { failures: [], best: null, problem: null };
  return [
    {
      ...none,
      sweepId: 'digits-5be1c0aa',
      status: 'running',
      trials: { planned: 64, finished: 30, failed: 3 },
      best: best(0.958235),
    },
    {
      ...none,
      sweepId: 'language-model-finetune-lora-3f9a12cc',
      status: 'succeeded',
      trials: { planned: 2000, finished: 2000, failed: 242 },
      best: best(0.00003121, 'eval/validation/loss'),
    },
    {
      ...none,
      sweepId: 'digits-3f9a12cc',
      status: 'failed',
      trials: { planned: 16, finished: 16, failed: 16 },
      failures,
    },
    {
      ...none,
      sweepId: 'digits-00aa11bb',
      status: 'damaged',
      trials: { planned: 0, finished: 0, failed: 0 },
      problem: 'leaderboard.json cannot be read: it ends within a string; run the sweep again, which writes it anew',
    },
    { ...none, sweepId: 'digits-22cc33dd', status: 'stopped', trials: { planned: 12, finished: 0, failed: 0 } },
  ];
}

function halving(trials: number, rungs: readonly number[]): MadeSweep {
  const made = classifier(trials, { epochs: rungs.at(-1)!, rungs });
  return { ...made, spec: { ...made.spec, search: { ...made.spec.search, strategy: 'halving' } } };
}

function fiveFailures(): MadeSweep {
  const made = classifier(64, { status: 'failed' });
  const reasons = [
    ['timeout', 'the program ran longer than 60 minutes'],
    ['exit-status', 'the program exited with status 2: unrecognized arguments: --momentum'],
    ['no-metric', 'it reported no val_accuracy; keys seen: loss, acc'],
  ] as const;
  return {
    ...made,
    train: (parameters, trial, noise) => {
      const [failure, reason] = reasons[trial % 12] ?? [null, ''];
      return failure === null
        ? made.train(parameters, trial, noise)
        : { failure, reason, log: 'epoch 1: loss 2.31\nepoch 2: loss 2.29' };
    },
  };
}

/** Long lists, a null among choices, a parameter that is rarely active. */
function categories(): MadeSweep {
  const backbones = Array.from({ length: 30 }, (_, k) => `backbone_${k}_${['tiny', 'small', 'base', 'large'][k % 4]}`);
  return {
    sweepId: 'backbones-7c1e',
    spec: {
      name: 'backbones',
      author: 'Ada Lovelace',
      note: '**Why:** the small backbones were never compared.\n\n- same data as in [May](https://example.org/may)\n- `mixup` is new',
      search: {
        strategy: 'random',
        trials: 150,
        space: {
          backbone: backbones,
          augment: [null, 'flip', 'mixup'],
          'augment.alpha': { choices: [0.1, 0.2, 0.4], when: { augment: 'mixup' } },
          weight_decay: { min: 1e-6, max: 0.1, scale: 'log' },
        },
      },
      objective: { metric: 'val_loss', goal: 'minimize' },
      training: {
        command: ['python', 'train.py', '{args}'],
        source: 'sources/4f2c.tgz',
        epochs: 5,
        environment: { MIXED_PRECISION: 'bf16', WANDB_API_KEY: { secret: 'wandb' } },
      },
    },
    trials: 150,
    slots: 3,
    provenance: {
      git: {
        commit: '5f7f7e1e0f84a2b1cb1ba2599438158e5fb66193',
        branch: 'mixup',
        remote: 'https://example.org/vision/backbones.git',
        uncommitted: { count: 1, names: ['train.py'] },
      },
      python: { version: '3.12.3', packages: { attrs: '25.1.0', numpy: '2.2.1', torch: '2.9.0' } },
      machine: { cpu: 'AMD EPYC 9554', cores: 16, memoryBytes: 128e9, gpus: ['NVIDIA H200', 'NVIDIA H200'] },
    },
    train: (parameters, _, noise) => {
      const place = backbones.indexOf(parameters['backbone'] as string);
      const reached = 0.4 + 0.02 * (place % 7) + (parameters['augment'] === null ? 0.1 : 0) + 0.05 * noise(1);
      return { curve: Array.from({ length: 5 }, (_, epoch) => reached + Math.exp(-epoch)) };
    },
  };
}

/** The first trials of those that are still to come: two were begun, one of them again. */
function openOf({ trials }: MadeSweep): OpenTraining[] {
  const parameters = { learning_rate: 0.001, batch_size: 64, optimizer: 'adamw' };
  return [0, 1, 2, 3].map((place) => ({
    ...{ trial: trials + place, epochs: 20, parameters, interrupted: place === 1 ? 2 : 0 },
    begun: place < 2 ? `2026-03-02T11:2${place}:00.000Z` : null,
  }));
}
