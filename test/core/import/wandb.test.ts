import { describe, expect, it } from 'vitest';
import { fillCommand } from '../../../core/spec/command.ts';
import type { ImportedSpec } from './imported.ts';
import { imported } from './imported.ts';

const sweep = (parameters: string, rest = ''): ImportedSpec =>
  imported(`program: train.py\nmethod: random\nmetric: { name: loss }\nparameters:\n${parameters}\n${rest}`);
const only = (parameter: string) => sweep(`  x: ${parameter}`);

describe('parameters of a W&B sweep', () => {
  it.each([
    ['{ min: 1, max: 5 }', { min: 1, max: 5, scale: 'linear', type: 'integer' }],
    ['{ min: 0, max: 1.0 }', { min: 0, max: 1, scale: 'linear', type: 'float' }],
    ['{ distribution: uniform, min: 1, max: 5 }', { min: 1, max: 5, scale: 'linear', type: 'float' }],
    ['{ distribution: log_uniform_values, min: 1e-5, max: 0.1 }', { min: 1e-5, max: 0.1, scale: 'log', type: 'float' }],
    [
      '{ distribution: inv_log_uniform_values, min: 0.01, max: 0.1 }',
      { min: 0.01, max: 0.1, scale: 'log', type: 'float' },
    ],
    [
      '{ distribution: q_uniform, min: 16, max: 64, q: 16 }',
      { min: 16, max: 64, step: 16, scale: 'linear', type: 'integer' },
    ],
    [
      '{ distribution: q_uniform, min: 0, max: 0.5, q: 0.1 }',
      { min: 0, max: 0.5, step: 0.1, scale: 'linear', type: 'float' },
    ],
    ['{ values: [adam, sgd] }', ['adam', 'sgd']],
    ['{ value: null }', [null]],
    ['{ values: [[64, 64], [128]] }', [[64, 64], [128]]],
  ])('%s', (parameter, expected) => {
    expect(only(parameter).spec.search.space).toEqual({ x: expected });
  });

  it('reads the ends of log_uniform as natural exponents', () => {
    const { space } = only('{ distribution: log_uniform, min: -7, max: 0 }').spec.search;
    expect(space['x']).toMatchObject({ min: expect.closeTo(Math.exp(-7), 10), max: 1, scale: 'log' });
  });

  it.each([
    ['{ distribution: normal, mu: 1, sigma: 0.5 }', 'normal'],
    ['{ distribution: log_normal }', 'log_normal'],
    ['{ distribution: q_normal, mu: 0, sigma: 3, q: 1 }', 'q_normal'],
    ['{ distribution: beta, a: 2, b: 5 }', 'beta'],
    ['{ distribution: q_log_uniform_values, min: 32, max: 256, q: 8 }', 'multiples of 8'],
    ['{ values: [1, 2], probabilities: [0.9, 0.1] }', 'probabilities'],
    ['{ min: 0, max: 1, unheard: 3 }', 'unheard'],
  ])('names what differs in %s, with its line', (parameter, word) => {
    const { said, text } = only(parameter);
    expect(said.join('\n')).toMatch(new RegExp(`line 5, .*${word}`));
    expect(text).toContain(`# ${said.find((line) => line.includes(word))}`);
  });

  it.each([
    '{ distribution: log_uniform_values, min: 0, max: 1 }',
    '{ min: 5, max: 1 }',
    '{ min: 5 }',
    '{ distribution: triangular, min: 0, max: 1 }',
    '{ min: low, max: 1 }',
    '{ values: [] }',
    '3',
  ])('refuses %s with the line', (parameter) => {
    expect(() => only(parameter)).toThrow(/line 5: received/);
  });

  it('calls nested parameters by their keys and hands them over as W&B does, in one argument', () => {
    const { spec } = sweep('  opt:\n    parameters:\n      name: { values: [a] }\n      lr: { min: 0.1, max: 0.2 }');
    expect(Object.keys(spec.search.space)).toEqual(['opt.name', 'opt.lr']);
    expect(spec.training.command).toEqual(['python', 'train.py', "--opt={ 'name': '{opt.name}', 'lr': {opt.lr} }"]);
  });

  it('makes constant epochs and seeds the budget and the seed of the sweep', () => {
    const { spec } = sweep('  epochs: { value: 7 }\n  seed: { value: 3 }\n  lr: { values: [1.0] }');
    expect(spec.training).toMatchObject({ epochs: 7, seed: 3 });
    expect(spec.training.command).toEqual(['python', 'train.py', '--epochs={EPOCHS}', '--seed={SEED}', '--lr={lr}']);
  });

  it('renames a parameter whose variable launchers read, and keeps its name for the program', () => {
    const { spec } = sweep('  rank: { values: [4, 8] }');
    expect(spec.search.space).toEqual({ my_rank: [4, 8] });
    expect(spec.training.command).toEqual(['python', 'train.py', '--rank={my_rank}']);
  });

  it('reads anchors and merged mappings', () => {
    const { spec } = sweep(
      '  a: &rate { distribution: log_uniform_values, min: 0.1, max: 1 }\n  b: { <<: *rate, max: 10 }',
    );
    expect(spec.search.space['b']).toMatchObject({ min: 0.1, max: 10, scale: 'log' });
  });
});

describe('the command of a W&B sweep', () => {
  const command = (list: string, parameters = '  lr: { values: [0.1] }\n  on: { values: [true] }') =>
    sweep(parameters, `command: ${list}`).spec.training.command;

  it.each([
    ['["${env}", "${interpreter}", "${program}", "${args}"]', ['python', 'train.py', '{args_python}']],
    ['[python3, "${program}", "${args_no_boolean_flags}"]', ['python3', 'train.py', '{args_no_boolean_flags}']],
    ['[python3, "${program}", "${args_no_hyphens}", a=b]', ['python3', 'train.py', '{args_no_hyphens}', 'a=b']],
    ['[run, --json, "${args_json}"]', ['run', '--json', '{args_json}']],
    ['[run, "${args_json_file}", 3]', ['run', '{args_json_file}', '3']],
    ['[run, "${args_append_hydra}"]', ['run', '+lr={lr}', '+on={on}']],
    ['["${env}", A=1, run]', ['/usr/bin/env', 'A=1', 'run']],
    ['[run, "{lr}"]', ['run', '{{lr}}']],
  ])('%s', (list, expected) => {
    expect(command(list)).toEqual(expected);
  });

  it.each([
    ['args_no_hyphens', '  on: { values: [true, null] }', true],
    ['args_no_boolean_flags', '  x: { values: [[1, 2], [3]] }', true],
    ['args_no_boolean_flags', '  on: { values: [true, false] }', false],
  ])('says of ${%s} what is JSON there and not Python: %s', (macro, parameters, isSaid) => {
    const { said } = sweep(parameters, `command: [run, "\${${macro}}"]`);
    expect(said.some((line) => line.includes('reach the program as JSON'))).toBe(isSaid);
  });

  it('reads a variable of the environment by a shell', () => {
    const parts = command('[run, "--data=${envvar:DATA}/a b", "${args}"]', '  lr: { values: [0.1] }')!;
    const filled = fillCommand(parts, {
      parameters: { lr: 0.1 },
      contract: {} as never,
      argsFolder: '',
      write: { text: (_, value) => String(value), json: (_, value) => JSON.stringify(value) },
    });
    expect(filled).toEqual(['sh', '-c', `exec run --data="$DATA"'/a b' --lr=0.1`]);
  });

  it('gives wandb.config its values in the file that the agent would write', () => {
    expect(sweep('  lr: { values: [0.1] }').spec.training.environment).toEqual({
      WANDB_SWEEP_PARAM_PATH: '{args_wandb_file}',
    });
  });

  it('writes the file out where parameters are nested or renamed', () => {
    const { spec } = sweep('  opt:\n    parameters:\n      lr: { values: [0.1] }\n  rank: { values: [4] }');
    expect(spec.training.environment).toEqual({ WANDB_SWEEP_PARAM_PATH: 'wandb-config.json' });
    expect(spec.training.files).toEqual({
      'wandb-config.json': { wandb_version: 1, opt: { value: { lr: '{opt.lr}' } }, rank: { value: '{my_rank}' } },
    });
  });

  it('names a macro that nobody knows, and a program that is missing', () => {
    const { said } = imported(
      'method: grid\nmetric: { name: loss }\nparameters: { a: { values: [1] } }\ncommand: [x, "${odd}", "${program}"]',
    );
    expect(said.join('\n')).toContain('${odd}');
    expect(said.join('\n')).toContain('replace train.py with yours');
  });
});

describe('the search of a W&B sweep', () => {
  const two = '  a: { values: [1, 2, 3] }\n  b: { values: [x, y] }';

  it('keeps a grid, whose size is its own', () => {
    const { spec } = imported(
      `method: grid\nprogram: t.py\nmetric: { name: acc, goal: maximize }\nparameters:\n${two}`,
    );
    expect(spec.search).toMatchObject({ strategy: 'grid', trials: 6 });
  });

  it('draws from a grid that run_cap cuts short, and says so', () => {
    const { spec, said } = imported(
      `method: grid\nrun_cap: 4\nprogram: t.py\nmetric: { name: acc }\nparameters:\n${two}`,
    );
    expect(spec.search).toMatchObject({ strategy: 'random', trials: 4 });
    expect(said.join('\n')).toContain('line 2, run_cap: a grid here always trains all 6 trials');
  });

  it('minimizes unless told otherwise, as W&B does', () => {
    expect(sweep(two).spec.objective).toMatchObject({
      metric: 'loss',
      goal: 'minimize',
      pattern: 'wandb: +loss +{number}',
    });
  });

  it('ends at a target, which it looks at between rounds', () => {
    const { spec } = imported(
      `method: random\nrun_cap: 20\nprogram: t.py\nmetric: { name: acc, goal: maximize, target: 0.9 }\nparameters:\n  x: { min: 0.0, max: 1.0 }`,
    );
    expect(spec.search).toMatchObject({ stop: { value: 0.9 }, rounds: 4, trials: 20 });
  });

  it.each([
    ['{ type: hyperband, max_iter: 27, s: 2 }', { reduction: 3, minEpochs: 3 }, 27],
    ['{ type: hyperband, max_iter: 16, s: 2, eta: 2 }', { reduction: 2, minEpochs: 4 }, 16],
    ['{ type: hyperband, min_iter: 5, eta: 4 }', { reduction: 4, minEpochs: 5 }, 20],
  ])('turns %s into rungs', (rule, halving, epochs) => {
    const { spec } = sweep(two, `early_terminate: ${rule}`);
    expect(spec.search).toMatchObject({ strategy: 'halving', halving });
    expect(spec.training.epochs).toBe(epochs);
  });

  it('leaves out rungs of which the epochs would leave one, and says so', () => {
    const { spec, said } = sweep(
      `${two}\n  epochs: { value: 5 }`,
      'early_terminate: { type: hyperband, min_iter: 3, strict: true }',
    );
    expect([spec.search.strategy, spec.training.epochs]).toEqual(['random', 5]);
    expect(said.join('\n')).toMatch(/early_terminate: would have no rung below 5 epochs/);
  });

  it('keeps the project for the program, and names every key that it does not know', () => {
    const { spec, said } = sweep(two, 'project: p\nentity: e\ncontroller: { type: local }\nodd: 1');
    expect(spec.training.environment).toMatchObject({ WANDB_PROJECT: 'p', WANDB_ENTITY: 'e' });
    expect(said.map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining([expect.stringMatching(/line \d+, controller/), expect.stringMatching(/line \d+, odd/)]),
    );
  });

  it('refuses a custom scheduler by name', () => {
    expect(() => imported('method: custom\nparameters: { a: { value: 1 } }')).toThrow(
      /line 1: received "custom"; allowed: grid/,
    );
  });
});
