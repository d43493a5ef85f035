import { describe, expect, it } from 'vitest';
import { BadInput } from '../../../core/base/errors.ts';
import { isMap, type Path, pathText, type Written } from '../../../core/import/foreign.ts';
import { importSpec } from '../../../core/import/import.ts';
import { remarkText } from '../../../core/import/spec-text.ts';
import { parseForeign } from '../../../inputs/foreign-file.ts';
import { imported } from './imported.ts';

/** A file of each tool with most of what its format has. */
const FILES: Readonly<Record<string, string>> = {
  wandb: `
program: train.py
name: all
method: bayes
run_cap: 9
metric: { name: loss, goal: minimize, target: 0.1 }
early_terminate: { type: hyperband, max_iter: 27, s: 2, eta: 3 }
command: ["\${interpreter}", "\${program}", "\${args}"]
parameters:
  a: { distribution: q_log_uniform_values, min: 1, max: 8, q: 1 }
  b: { values: [x, y], probabilities: [0.5, 0.5] }
  c: { distribution: normal, mu: 0, sigma: 1 }
  d: { parameters: { e: { min: 0, max: 3 } } }
  epochs: { value: 9 }
`,
  katib: `
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: { name: all }
spec:
  objective: { type: maximize, goal: 0.9, objectiveMetricName: acc, additionalMetricNames: [loss], metricStrategies: [{ name: acc, value: latest }] }
  algorithm: { algorithmName: tpe, algorithmSettings: [{ name: random_state, value: "1" }] }
  earlyStopping: { algorithmName: medianstop, algorithmSettings: [{ name: start_step, value: "2" }] }
  maxTrialCount: 9
  parallelTrialCount: 3
  maxFailedTrialCount: 1
  resumePolicy: Never
  parameters:
    - { name: lr, parameterType: double, feasibleSpace: { min: "0.1", max: "1", step: "0.1" } }
    - { name: opt, parameterType: categorical, feasibleSpace: { list: [a, b] } }
  metricsCollectorSpec: { source: { filter: { metricsFormat: ["([a-z]+)=([0-9]+)"] }, fileSystemPath: { path: /a/b, kind: File } }, collector: { kind: File } }
  trialTemplate:
    primaryContainerName: main
    trialParameters: [{ name: lr, reference: lr }]
    trialSpec: { kind: Job, spec: { containers: [{ name: main, image: i, command: [t, "\${trialParameters.lr}"], args: [x], env: [{ name: A, value: b }], resources: { limits: { nvidia.com/gpu: 1 } } }] } }
`,
  sagemaker: JSON.stringify({
    HyperParameterTuningJobName: 'all',
    HyperParameterTuningJobConfig: {
      Strategy: 'Hyperband',
      StrategyConfig: { HyperbandStrategyConfig: { MinResource: 1, MaxResource: 9 } },
      HyperParameterTuningJobObjective: { Type: 'Maximize', MetricName: 'acc' },
      ResourceLimits: { MaxNumberOfTrainingJobs: 9, MaxParallelTrainingJobs: 3 },
      RandomSeed: 3,
      TrainingJobEarlyStoppingType: 'Off',
      TuningJobCompletionCriteria: { TargetObjectiveMetricValue: 0.9 },
      ParameterRanges: {
        IntegerParameterRanges: [{ Name: 'i', MinValue: '1', MaxValue: '9', ScalingType: 'Logarithmic' }],
        CategoricalParameterRanges: [{ Name: 'c', Values: ['a', 'b'] }],
      },
    },
    TrainingJobDefinition: {
      StaticHyperParameters: { sagemaker_program: '"t.py"', n: '1' },
      AlgorithmSpecification: {
        TrainingImage: 'i',
        TrainingInputMode: 'File',
        MetricDefinitions: [{ Name: 'acc', Regex: 'a=(.*)' }],
      },
      InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource: { S3Uri: 's3://bucket/d' } } }],
      ResourceConfig: { InstanceType: 'ml.g5.xlarge', InstanceCount: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
      RetryStrategy: { MaximumRetryAttempts: 2 },
      Environment: { A: 'b' },
    },
  }),
  optuna: `
defaults: [{ override hydra/sweeper: optuna }]
hydra:
  sweeper:
    sampler: { _target_: optuna.samplers.TPESampler, seed: 1 }
    direction: minimize
    n_trials: 9
    n_jobs: 2
    max_failure_rate: 0.5
    params: { a: "tag(log, interval(0.1, 1))", b: "choice(x, y)" }
`,
};

/** Every place of a document below its top. */
function* places(value: Written, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (Array.isArray(value))
    for (const [index, item] of (value as readonly Written[]).entries()) yield* places(item, [...path, index]);
  else if (isMap(value)) for (const [key, item] of Object.entries(value)) yield* places(item, [...path, key]);
}

/** The document with another value at a place. */
function replaced(value: Written, [step, ...rest]: Path, by: Written): Written {
  if (step === undefined) return by;
  if (Array.isArray(value))
    return (value as readonly Written[]).map((item, index) => (index === step ? replaced(item, rest, by) : item));
  return { ...(value as object), [step]: replaced((value as Record<string, Written>)[step] ?? null, rest, by) };
}

const at = (value: Written, path: Path): Written =>
  path.reduce<Written>((inner, step) => (inner as never)[step], value);
const read = (value: Written, format: string) =>
  importSpec([{ value, lineOf: () => 1 }], { file: 'f', asked: format as never, schema: 's' });

describe.each(Object.entries(FILES))('a file of %s', (format, text) => {
  const { value } = parseForeign('f', text)[0]!;

  it('is recognised by its keys and makes a spec that holds', () => {
    expect(imported(text).format).toBe(format);
  });

  it('is read or refused in words, whatever stands at any place of it', () => {
    for (const path of places(value))
      for (const odd of [null, true, 'odd', '', -1, 0n, 1e300, [], {}, [null], { a: { b: [] } }] as readonly Written[])
        try {
          read(replaced(value, path, odd), format);
        } catch (error) {
          expect(
            error,
            `${pathText(path)}: ${JSON.stringify(odd, (_, item) => (typeof item === 'bigint' ? 0 : item))}`,
          ).toBeInstanceOf(BadInput);
        }
  });

  it('is followed by a word on each key that nobody knows', () => {
    const maps = [[], ...places(value)].filter((path) => isMap(at(value, path)));
    for (const path of maps) {
      const name = pathText(path);
      // Names of a person's own live here, or what Kubernetes alone reads.
      if (
        /trialSpec|parameters$|parameters\.d|\.params$|StaticHyperParameters|Environment$|defaults/.test(name) ||
        (format === 'optuna' && name === '')
      )
        continue;
      let words: string;
      try {
        words = read(replaced(value, [...path, 'nobodyKnows'], 'x'), format)
          .remarks.map(remarkText)
          .join('\n');
      } catch (error) {
        words = String(error);
      }
      expect(words, name).toContain('nobodyKnows');
    }
  });
});

it('keeps what breaks a line out of the comments, so that no text of theirs becomes a key of ours', () => {
  const odd = JSON.stringify('a\r\nname: other\u0000\u2028x');
  const text = `{"method": "grid", "program": "t.py", "metric": {"name": "loss"}, "parameters": {"a": {"values": [1]}}, "description": ${odd}, ${odd}: 1}`;
  expect(imported(text).spec.name).toBe('sweep');
});

it('is refused where no tool is known, with the formats', () => {
  expect(() => imported('a: 1')).toThrow(/is not one of: a W&B sweep \(wandb\)/);
  expect(() => imported('[1, 2]')).toThrow(/not one of/);
});
