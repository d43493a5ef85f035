import { describe, expect, test } from 'vitest';
import {
  CONTRACT_VARIABLES,
  ownedByContract,
  RUNNER_VARIABLES,
  reservedBecause,
  variableOf,
} from '../../../core/spec/variables.ts';

test('a parameter is carried by its name in upper case, with _ for each dot and hyphen', () => {
  expect(variableOf('batch-size')).toBe('BATCH_SIZE');
  expect(variableOf('optimizer.momentum.first')).toBe('OPTIMIZER_MOMENTUM_FIRST');
});

describe('a parameter', () => {
  test('may not hide what the trial runner sets or reads', () => {
    for (const variable of [...CONTRACT_VARIABLES, ...RUNNER_VARIABLES])
      expect(reservedBecause(variable)).not.toBeNull();
  });

  test('may not hide what processes need, or a whole family of names', () => {
    for (const variable of ['PATH', 'HOME', 'LD_PRELOAD', 'AWS_REGION', 'PYTHONPATH', 'SWEEP_ANYTHING'])
      expect(reservedBecause(variable)).not.toBeNull();
  });

  test.each([
    [
      'launchers',
      ['RANK', 'LOCAL_RANK', 'WORLD_SIZE', 'MASTER_PORT', 'SLURM_PROCID', 'NCCL_DEBUG', 'OMPI_COMM_WORLD_RANK'],
    ],
    [
      'shells',
      ['RANDOM', 'SECONDS', 'UID', 'EUID', 'PPID', 'COLUMNS', 'LINES', 'LINENO', 'OPTIND', 'GROUPS', 'BASH_ENV', '_'],
    ],
    ['the network', ['HTTP_PROXY', 'NO_PROXY', 'ALL_PROXY']],
    ['libraries', ['HF_HOME', 'TORCH_HOME', 'OMP_PROC_BIND', 'MKL_NUM_THREADS', 'CUDA_LAUNCH_BLOCKING', 'WANDB_MODE']],
    ['the machine', ['HOSTNAME', 'DISPLAY', 'TMPDIR']],
  ])('may not hide what %s read', (_, variables) => {
    for (const variable of variables) expect(reservedBecause(variable), variable).not.toBeNull();
  });

  test('may have any other name', () => {
    const likely = [
      'MOMENTUM',
      'LORA_RANK',
      'HOST',
      'BATCH_SIZE',
      'TF_RATIO',
      'NUM_LINES',
      'RANDOM_STATE',
      'PROXY',
      'DEBUG',
    ];
    for (const variable of ['LEARNING_RATE', 'HOMES', 'MY_PATH', 'EPOCH', 'ALD_X', ...likely])
      expect(reservedBecause(variable)).toBeNull();
  });
});

describe('training.environment', () => {
  test('may not set what the contract owns', () => {
    for (const variable of [...CONTRACT_VARIABLES, ...RUNNER_VARIABLES, 'PATH', 'HOME'])
      expect(ownedByContract(variable)).not.toBeNull();
  });

  test('may set what only a parameter may not', () => {
    for (const variable of ['PYTHONPATH', 'TZ', 'CUDA_VISIBLE_DEVICES', 'AWS_REGION'])
      expect(ownedByContract(variable)).toBeNull();
  });
});
