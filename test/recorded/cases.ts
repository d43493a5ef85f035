import type { Parameters } from '../../core/space/space.ts';

/** A sweep whose bytes are recorded. */
export interface Case {
  /** Names the record too. */
  readonly name: string;
  readonly spec: object;
  /** Sweeps that are run before it in the same store; their ids are `earlier-0`, `earlier-1`, ... */
  readonly earlier?: readonly object[];
  /** The objective of a trial, null where it fails. The default is `wave`. */
  readonly objective?: (parameters: Parameters, seed: number) => number | null;
}

/** A smooth function of every parameter, numbers by their value and all else by the length of its text. */
export function wave(parameters: Parameters, seed = 0): number {
  const terms = Object.entries(parameters).map(([name, value], index) => {
    const size = typeof value === 'number' ? value : JSON.stringify(value).length / 10;
    return Math.sin(3 * size + index + name.length) - 0.1 * Math.abs(size);
  });
  return terms.reduce((sum, term) => sum + term, 0) + seed / 1000;
}

/** Every third trial or so fails: those whose wave has the last digit 1, 4 or 7. */
const oftenFailing = (parameters: Parameters): number | null => {
  const value = wave(parameters);
  return [1, 4, 7].includes(Math.floor(Math.abs(value) * 1e6) % 10) ? null : value;
};

const continuous = {
  learning_rate: { min: 0.0001, max: 0.3, scale: 'log' },
  dropout: { min: 0, max: 0.5, step: 0.1 },
  layers: { min: 1, max: 6, type: 'integer' },
  momentum: { min: -1, max: 1 },
};

const conditional = {
  optimizer: ['adam', 'sgd', 'lion'],
  'optimizer.momentum': { min: 0.8, max: 0.99, when: { optimizer: 'sgd' } },
  nesterov: { choices: [true, false], when: { optimizer: ['sgd', 'lion'] } },
  warmup: { min: 0, max: 10, type: 'integer', when: { nesterov: true } },
};

const data = { data: 's3://bucket/data' };

export const CASES: readonly Case[] = [
  {
    name: 'grid',
    spec: { search: { space: { rate: [0.1, 0.01], layers: { min: 1, max: 3, type: 'integer' }, name: ['a', 'b'] } } },
  },
  {
    name: 'grid-of-json-values',
    spec: {
      search: { strategy: 'grid', space: { sizes: [[64, 64], [128], []], flag: [true, null], ratio: [1, 0.5] } },
    },
  },
  {
    name: 'random',
    spec: {
      search: { strategy: 'random', trials: 12, seed: 7, space: continuous },
      tolerance: { failedTrials: '60%' },
    },
    objective: oftenFailing,
  },
  {
    name: 'random-beyond-its-space',
    spec: { search: { strategy: 'random', trials: 20, space: { a: [1, 2, 3], b: { min: 0, max: 1, step: 0.5 } } } },
  },
  { name: 'sobol-in-rounds', spec: { search: { strategy: 'sobol', trials: 11, rounds: 3, space: continuous } } },
  {
    name: 'initial-points',
    spec: {
      search: { trials: 6, space: continuous, initial: [{ layers: 2 }, { learning_rate: 0.001, dropout: 0.3 }, {}] },
    },
  },
  { name: 'conditions', spec: { search: { strategy: 'random', trials: 14, seed: 3, space: conditional } } },
  { name: 'bayesian', spec: { search: { strategy: 'bayesian', trials: 16, seed: 1, space: continuous } } },
  {
    name: 'bayesian-minimizing',
    spec: {
      search: { strategy: 'bayesian', trials: 12, rounds: 3, space: conditional },
      objective: { metric: 'val_accuracy', goal: 'minimize', at: 'last' },
      tolerance: { failedTrials: '60%' },
    },
    objective: oftenFailing,
  },
  {
    name: 'halving',
    spec: { search: { strategy: 'halving', trials: 9, space: continuous }, training: { ...data, epochs: 9 } },
  },
  {
    name: 'halving-in-brackets',
    spec: {
      search: {
        strategy: 'halving',
        trials: 14,
        seed: 2,
        space: continuous,
        halving: { reduction: 2, minEpochs: 2, brackets: 3, proposals: 'bayesian' },
      },
      training: { ...data, epochs: 16 },
    },
  },
  {
    name: 'confirm',
    spec: { search: { strategy: 'sobol', trials: 6, space: continuous, confirm: { top: 2, seeds: 3 } } },
  },
  {
    name: 'warm-start',
    earlier: [{ search: { strategy: 'sobol', trials: 8, space: continuous } }],
    spec: { search: { strategy: 'bayesian', trials: 8, rounds: 2, space: continuous, warmStart: ['earlier-0'] } },
  },
  {
    name: 'stop',
    spec: {
      search: { strategy: 'sobol', trials: 12, rounds: 4, space: continuous, stop: { minImprovement: 0.2, rounds: 1 } },
    },
  },
  {
    name: 'what-decides-an-id',
    spec: {
      search: { trials: 4, space: { rate: [0.1, 0.2, 0.3, 0.4] }, strategy: 'random' },
      training: {
        ...data,
        command: ['python', 'train.py', '{args}', 3],
        source: `sources/${'a'.repeat(64)}.tgz`,
        requirements: 'requirements.txt',
        environment: { MIXED_PRECISION: 'bf16', WORKERS: 4, FAST: true, WANDB_API_KEY: { secret: 'wandb' } },
        seed: 11,
        epochs: 7,
      },
    },
  },
];
