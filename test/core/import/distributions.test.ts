import { describe, expect, it } from 'vitest';
import { uniforms } from '../../../core/base/random.ts';
import { buildSpace, pointFrom } from '../../../core/space/space.ts';
import { imported } from './imported.ts';

const DRAWS = 2000;

/** What the imported space draws for its one parameter, from a fixed seed. */
function draws(text: string): number[] {
  const space = buildSpace(imported(text).spec.search.space);
  const name = space.dimensions[0]!.name;
  return Array.from({ length: DRAWS }, (_, index) => Number(pointFrom(space, uniforms(7, 'import', index, 1))[name]));
}

/** Kolmogorov's distance of the draws from a distribution function. */
function distance(values: readonly number[], below: (value: number) => number): number {
  return values
    .toSorted((a, b) => a - b)
    .reduce((most, value, index) => {
      const expected = below(value);
      return Math.max(most, Math.abs((index + 1) / DRAWS - expected), Math.abs(expected - index / DRAWS));
    }, 0);
}

/** Reached by one in a hundred samples of a true distribution: 1.63 / sqrt(n). */
const LIMIT = 1.63 / Math.sqrt(DRAWS);

const wandb = (parameter: string) =>
  `program: t.py\nmethod: random\nmetric: { name: loss }\nparameters:\n  x: ${parameter}`;
const katib = (space: string) => `apiVersion: kubeflow.org/v1beta1
kind: Experiment
spec:
  objective: { type: minimize, objectiveMetricName: loss }
  algorithm: { algorithmName: random }
  parameters: [{ name: x, parameterType: double, feasibleSpace: ${space} }]
`;
const sageMaker = (range: object) =>
  JSON.stringify({
    Strategy: 'Random',
    ResourceLimits: { MaxNumberOfTrainingJobs: 9 },
    HyperParameterTuningJobObjective: { Type: 'Minimize', MetricName: 'loss' },
    ParameterRanges: { ContinuousParameterRanges: [{ Name: 'x', ...range }] },
  });
const hydra = (value: string) => `hydra: { sweeper: { n_trials: 9, params: { x: "${value}" } } }`;

const uniform = (min: number, max: number) => (value: number) => (value - min) / (max - min);
const logUniform = (min: number, max: number) => (value: number) => Math.log(value / min) / Math.log(max / min);

describe('a continuous parameter is drawn as the other tool draws it', () => {
  it.each<[string, string, (value: number) => number]>([
    ['uniform', wandb('{ min: -1.0, max: 3.0 }'), uniform(-1, 3)],
    // X = exp(U), U from min to max.
    ['log_uniform', wandb('{ distribution: log_uniform, min: -9, max: -2 }'), (x) => (Math.log(x) + 9) / 7],
    // X = exp(-U): the smallest U gives the largest X.
    ['inv_log_uniform', wandb('{ distribution: inv_log_uniform, min: 1, max: 4 }'), (x) => 1 - (-Math.log(x) - 1) / 3],
    ['log_uniform_values', wandb('{ distribution: log_uniform_values, min: 0.001, max: 10 }'), logUniform(0.001, 10)],
    // log(1/X) is uniform.
    [
      'inv_log_uniform_values',
      wandb('{ distribution: inv_log_uniform_values, min: 0.001, max: 10 }'),
      (x) => 1 - Math.log(1 / x / 0.1) / Math.log(10_000),
    ],
    ['Katib, uniform', katib('{ min: "2", max: "5" }'), uniform(2, 5)],
    ['Katib, logUniform', katib('{ min: "0.01", max: "5", distribution: logUniform }'), logUniform(0.01, 5)],
    ['SageMaker, Linear', sageMaker({ MinValue: '0', MaxValue: '9', ScalingType: 'Linear' }), uniform(0, 9)],
    [
      'SageMaker, Logarithmic',
      sageMaker({ MinValue: '1e-4', MaxValue: '9', ScalingType: 'Logarithmic' }),
      logUniform(1e-4, 9),
    ],
    ['Hydra, interval', hydra('interval(-2.5, 2.5)'), uniform(-2.5, 2.5)],
    ['Hydra, log interval', hydra('tag(log, interval(0.001, 0.1))'), logUniform(0.001, 0.1)],
  ])('%s', (_, text, below) => {
    expect(distance(draws(text), below)).toBeLessThan(LIMIT);
  });

  it('would not pass for another distribution', () => {
    expect(
      distance(draws(wandb('{ distribution: log_uniform, min: -9, max: -2 }')), uniform(0, Math.exp(-2))),
    ).toBeGreaterThan(LIMIT);
  });
});

describe('a parameter of few values is drawn as the other tool draws it', () => {
  it.each<[string, string, readonly number[]]>([
    ['int_uniform', wandb('{ min: 3, max: 7 }'), [3, 4, 5, 6, 7]],
    ['values', wandb('{ values: [1, 2, 8] }'), [1, 2, 8]],
    ['Hydra, range with a step', hydra('range(1, 9, step=4)'), [1, 5, 9]],
    ['Katib, steps', katib('{ min: "0", max: "1", step: "0.5" }'), [0, 0.5, 1]],
  ])('%s', (_, text, values) => {
    const drawn = draws(text);
    expect([...new Set(drawn)].toSorted((a, b) => a - b)).toEqual(values);
    const expected = DRAWS / values.length;
    // Five standard deviations of a count.
    for (const value of values)
      expect(Math.abs(drawn.filter((one) => one === value).length - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });
});
