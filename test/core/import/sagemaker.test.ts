import { describe, expect, it } from 'vitest';
import { type ImportedSpec, imported } from './imported.ts';

type Json = Record<string, unknown>;

const RANGES = { ContinuousParameterRanges: [{ Name: 'lr', MinValue: '0.1', MaxValue: '0.2', ScalingType: 'Linear' }] };

const job = (config: Json = {}, definition: Json = {}, rest: Json = {}): ImportedSpec =>
  imported(
    JSON.stringify(
      {
        HyperParameterTuningJobName: 'my-job',
        HyperParameterTuningJobConfig: {
          Strategy: 'Bayesian',
          HyperParameterTuningJobObjective: { Type: 'Maximize', MetricName: 'acc' },
          ResourceLimits: { MaxNumberOfTrainingJobs: 20, MaxParallelTrainingJobs: 2 },
          ParameterRanges: RANGES,
          ...config,
        },
        TrainingJobDefinition: {
          StaticHyperParameters: { sagemaker_program: '"train.py"' },
          AlgorithmSpecification: {
            TrainingInputMode: 'File',
            MetricDefinitions: [{ Name: 'acc', Regex: 'acc=(.*?);' }],
          },
          ...definition,
        },
        ...rest,
      },
      null,
      1,
    ),
  );

const range = (kind: 'Integer' | 'Continuous', fields: Json): ImportedSpec =>
  job({ ParameterRanges: { [`${kind}ParameterRanges`]: [{ Name: 'x', ...fields }] } });

describe('the ranges of a SageMaker tuning job', () => {
  it.each([
    [
      'Continuous',
      { MinValue: '0', MaxValue: '1', ScalingType: 'Linear' },
      { min: 0, max: 1, scale: 'linear', type: 'float' },
    ],
    [
      'Continuous',
      { MinValue: '1e-5', MaxValue: '0.1', ScalingType: 'Logarithmic' },
      { min: 1e-5, max: 0.1, scale: 'log', type: 'float' },
    ],
    [
      'Integer',
      { MinValue: '1', MaxValue: '10', ScalingType: 'Linear' },
      { min: 1, max: 10, scale: 'linear', type: 'integer' },
    ],
    [
      'Integer',
      { MinValue: '1', MaxValue: '512', ScalingType: 'Logarithmic' },
      { min: 1, max: 512, scale: 'log', type: 'integer' },
    ],
  ] as const)('%s %o', (kind, fields, expected) => {
    const { spec, said } = range(kind, fields);
    expect(spec.search.space).toEqual({ x: expected });
    expect(said).toEqual([]);
  });

  it.each([
    ['0.001', '1', 'log'],
    ['0.1', '1', 'linear'],
    ['0', '1', 'linear'],
  ])('says which scale it took for Auto from %s to %s: %s', (MinValue, MaxValue, scale) => {
    const { spec, said } = range('Continuous', { MinValue, MaxValue });
    expect(spec.search.space['x']).toMatchObject({ scale });
    expect(said.join('\n')).toContain(`this spec uses ${scale}, check it`);
  });

  it('names ReverseLogarithmic as a scale without a counterpart', () => {
    const { said } = range('Continuous', { MinValue: '0.9', MaxValue: '0.99', ScalingType: 'ReverseLogarithmic' });
    expect(said.join('\n')).toContain('ReverseLogarithmic has no counterpart');
  });

  it('keeps categories as texts, without the quotes of the SDK for Python', () => {
    const { spec } = job({
      ParameterRanges: { CategoricalParameterRanges: [{ Name: 'o', Values: ['"sgd"', 'adam', '32'] }] },
    });
    expect(spec.search.space).toEqual({ o: ['sgd', 'adam', '32'] });
  });

  it.each([
    [{ MinValue: 'x', MaxValue: '1' }],
    [{ MinValue: '2', MaxValue: '1' }],
    [{ MinValue: '1', MaxValue: '2', ScalingType: 'Cubic' }],
    [{ MinValue: '0', MaxValue: '2', ScalingType: 'Logarithmic' }],
  ])('refuses %o with the line', (fields) => {
    expect(() => range('Continuous', fields)).toThrow(/line \d+: received/);
  });
});

describe('the rest of a SageMaker tuning job', () => {
  it('takes over strategy, limits, seed, target and early stopping', () => {
    const { spec } = job({
      RandomSeed: 5,
      TrainingJobEarlyStoppingType: 'Auto',
      TuningJobCompletionCriteria: { TargetObjectiveMetricValue: 0.9 },
    });
    expect(spec.search).toMatchObject({ strategy: 'bayesian', trials: 20, seed: 5, stop: { value: 0.9 } });
    expect(spec.training.stop).toMatchObject({ median: true });
    expect(spec.objective).toMatchObject({ metric: 'acc', goal: 'maximize' });
    expect(spec.compute.maxParallel).toBe(2);
    expect(spec.name).toBe('my-job');
  });

  it('turns Hyperband into rungs between its resources', () => {
    const { spec } = job({
      Strategy: 'Hyperband',
      StrategyConfig: { HyperbandStrategyConfig: { MinResource: 2, MaxResource: 18 } },
    });
    expect(spec.search).toMatchObject({ strategy: 'halving', halving: { minEpochs: 2, reduction: 3 } });
    expect(spec.training.epochs).toBe(18);
  });

  it('reads metric definitions, tabs of its logs included', () => {
    const { spec } = job(
      {},
      {
        AlgorithmSpecification: {
          TrainingInputMode: 'File',
          MetricDefinitions: [
            { Name: 'acc', Regex: '.*#011val-acc:([-+]?[0-9]*\\.?[0-9]+).*' },
            { Name: 'train:loss', Regex: 'loss=(.*?);' },
          ],
        },
      },
    );
    expect(spec.objective.pattern).toEqual(['.*\\tval-acc:{number}.*', 'loss=(?<train_loss>{number});']);
  });

  it('hands static hyperparameters over, epochs as the budget, and SageMaker’s own to nobody', () => {
    const { spec, said } = job(
      {},
      { StaticHyperParameters: { sagemaker_program: '"t.py"', sagemaker_region: '"x"', epochs: '30', heads: '4' } },
    );
    expect(spec.training.command).toEqual(['python', 't.py', '--lr={lr}', '--epochs={EPOCHS}', '--heads={heads}']);
    expect(spec.training.epochs).toBe(30);
    expect(spec.search.space['heads']).toEqual(['4']);
    expect(said.join('\n')).toContain('sagemaker_region: is read only by SageMaker');
  });

  it('makes channels of one bucket folders of the data, where its containers look for them', () => {
    const channel = (ChannelName: string, S3Uri: string) => ({ ChannelName, DataSource: { S3DataSource: { S3Uri } } });
    const { spec, said } = job(
      {},
      { InputDataConfig: [channel('train', 's3://bucket/d/train/'), channel('val', 's3://bucket/d/val')] },
    );
    expect(spec.training.data).toBe('s3://bucket/d');
    expect(spec.training.environment).toEqual({
      SM_MODEL_DIR: '{MODEL_DIR}',
      SM_CHANNEL_TRAIN: '{DATA_DIR}/train',
      SM_CHANNEL_VAL: '{DATA_DIR}/val',
    });
    expect(said).toEqual([]);
  });

  it('names what has no counterpart', () => {
    const { said } = job(
      {},
      { RoleArn: 'arn:aws:iam::123456789012:role/r', VpcConfig: {} },
      { WarmStartConfig: {}, Autotune: { Mode: 'Enabled' }, Tags: [] },
    );
    for (const key of ['RoleArn', 'VpcConfig', 'WarmStartConfig', 'Autotune', 'Tags'])
      expect(said.join('\n')).toMatch(new RegExp(`line \\d+, \\S*${key}:`));
  });

  it('reads the configuration alone', () => {
    const { spec, said } = imported(
      JSON.stringify({
        Strategy: 'Random',
        ResourceLimits: { MaxNumberOfTrainingJobs: 3 },
        ParameterRanges: RANGES,
        HyperParameterTuningJobObjective: { Type: 'Minimize', MetricName: 'l' },
      }),
    );
    expect(spec.search).toMatchObject({ strategy: 'random', trials: 3 });
    expect(said.join('\n')).toContain('replace train.py with your program');
  });
});
