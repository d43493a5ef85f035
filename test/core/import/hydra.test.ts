import { describe, expect, it } from 'vitest';
import { parseSweep } from '../../../core/import/hydra-override.ts';
import { type ImportedSpec, imported } from './imported.ts';

const sweeper = (params: string, rest = ''): ImportedSpec =>
  imported(
    `hydra:\n  sweeper:\n    direction: maximize\n    n_trials: 8\n    params:\n      x: ${JSON.stringify(params)}\n${rest}`,
  );

describe('a swept override of Hydra', () => {
  it.each([
    ['choice(a, b)', ['a', 'b']],
    ['choice(1, 2.0, true, null, "b, c")', [1, 2, true, null, 'b, c']],
    ['choice([1,2],[3])', ['[1,2]', '[3]']],
    ['1,2', [1, 2]],
    ['shuffle(1,2)', [1, 2]],
    ['str(choice(1, 2))', ['1', '2']],
    ['int(choice(1.0, 2.0))', [1, 2]],
    ['7', [7]],
  ])('%s is a list', (text, expected) => {
    const { space } = sweeper(text).spec.search;
    const parameter = space['x']!;
    expect(Array.isArray(parameter) ? parameter : (parameter as { choices: unknown }).choices).toEqual(expected);
  });

  it.each([
    ['range(1, 9)', { min: 1, max: 9, type: 'integer' }],
    ['range(1, 9, step=2)', { min: 1, max: 9, step: 2, type: 'integer' }],
    ['range(start=1, stop=9, step=3)', { min: 1, max: 7, step: 3, type: 'integer' }],
    ['range(4)', { min: 0, max: 4, type: 'integer' }],
    ['range(-5.5, 5.5, step=0.5)', { min: -5.5, max: 5.5, step: 0.5, type: 'float' }],
    ['float(range(1, 3))', { min: 1, max: 3, step: 1, type: 'float' }],
    ['interval(1, 8)', { min: 1, max: 8, scale: 'linear', type: 'integer' }],
    ['interval(0.5, 8)', { min: 0.5, max: 8, scale: 'linear', type: 'float' }],
    ['int(interval(1.0, 8.0))', { min: 1, max: 8, type: 'integer' }],
    ['tag(log, interval(0.001, 0.1))', { min: 0.001, max: 0.1, scale: 'log', type: 'float' }],
    ['tag(log, interval(start=1, end=64))', { min: 1, max: 64, scale: 'log', type: 'integer' }],
  ])('%s is a range', (text, expected) => {
    expect(sweeper(text).spec.search.space['x']).toMatchObject(expected);
  });

  it.each([
    ['range(1', 'bracket'],
    ['range(a, b)', 'not a range'],
    ['range(1, 9, step=0)', 'not a range'],
    ['interval(1)', 'not an interval'],
    ['glob(*)', 'glob(...)'],
    ['tag(power, interval(1, 2))', 'tagged power'],
    ['choice()', 'nothing'],
  ])('%s is refused: %s', (text, why) => {
    expect(parseSweep(text)).toContain(why);
    expect(() => sweeper(text)).toThrow(/hydra.sweeper.params.x: line 6/);
  });
});

describe("a configuration of Hydra's sweeper", () => {
  it('takes over direction, trials, workers, name and seed', () => {
    const { spec } = sweeper(
      'interval(0.0, 1.0)',
      '    n_jobs: 3\n    study_name: s\n    sampler: { _target_: optuna.samplers.RandomSampler, seed: 4 }',
    );
    expect(spec.search).toMatchObject({ strategy: 'random', trials: 8, seed: 4 });
    expect(spec.objective.goal).toBe('maximize');
    expect(spec.compute.maxParallel).toBe(3);
    expect(spec.name).toBe('s');
  });

  it.each([
    ['override hydra/sweeper/sampler: grid', 'grid'],
    ['override hydra/sweeper/sampler: cmaes', 'bayesian'],
    ['override /hydra/sweeper/sampler: random', 'random'],
  ])('finds the sampler in the defaults: %s', (line, strategy) => {
    const { spec } = imported(
      `defaults:\n  - _self_\n  - override hydra/sweeper: optuna\n  - ${line}\nhydra: { sweeper: { params: { x: "choice(1, 2, 3)" } } }`,
    );
    expect(spec.search.strategy).toBe(strategy);
  });

  it('ends the range of a grid before its stop', () => {
    const { spec } = sweeper('range(1, 4)', '    sampler: { _target_: optuna.samplers.GridSampler }');
    expect(spec.search).toMatchObject({ strategy: 'grid', trials: 3, space: { x: { min: 1, max: 3 } } });
  });

  it('reads the search space of earlier releases', () => {
    const { spec } = imported(
      'hydra:\n  sweeper:\n    optuna_config: { direction: minimize, n_trials: 5, study_name: old }\n    search_space:\n      x: { type: float, low: -5.5, high: 5.5, step: 0.5 }\n      n: { type: int, low: 1, high: 8, log: true }\n      y: { type: categorical, choices: [-5, 0] }',
    );
    expect(spec.search.space).toMatchObject({
      x: { min: -5.5, step: 0.5 },
      n: { scale: 'log', type: 'integer' },
      y: [-5, 0],
    });
    expect(spec.search.trials).toBe(5);
    expect(spec.name).toBe('old');
  });

  it('runs all combinations of the basic sweeper', () => {
    const { spec } = imported('hydra:\n  sweeper:\n    params:\n      a: 1,2\n      b: range(0, 3)');
    expect(spec.search).toMatchObject({ strategy: 'grid', trials: 6 });
  });

  it.each([
    'defaults: [{ override hydra/sweeper: nevergrad }]\nhydra: { sweeper: { params: { a: "1,2" } } }',
    'hydra: { sweeper: { _target_: hydra_plugins.hydra_ax_sweeper.ax_sweeper.AxSweeper, params: { a: "1,2" } } }',
  ])('refuses a sweeper that is neither: %s', (text) => {
    expect(() => imported(text)).toThrow(/line [12]: received ".*(nevergrad|AxSweeper)"; allowed: .*Optuna/);
  });

  it('keeps a name with a plus for Hydra, and quotes what its grammar would take apart', () => {
    const { spec } = imported(
      'hydra: { sweeper: { n_trials: 2, params: { +db.x: "choice(a, b)", y: "choice(p, \'q r\')" } } }',
    );
    expect(spec.training.command).toEqual(['python', 'main.py', '+db.x={db.x}', 'y="{y}"']);
  });

  it('refuses several objectives, and says that the program has to print its value', () => {
    expect(() => imported('hydra: { sweeper: { direction: [minimize, maximize], params: { x: "1,2" } } }')).toThrow(
      /one objective/,
    );
    expect(sweeper('1,2').said.join('\n')).toContain('make yours print the value');
  });

  it('names a space that is a function, a storage and other keys of hydra', () => {
    const { said } = sweeper(
      '1,2',
      '    custom_search_space: pkg.fn\n    storage: sqlite:///x.db\n  run: { dir: out }',
    );
    for (const key of ['custom_search_space', 'storage', 'hydra.run']) expect(said.join('\n')).toContain(key);
  });
});
