import { describe, expect, it } from 'vitest';
import { type ImportedSpec, imported } from './imported.ts';

interface Parts {
  readonly algorithm?: string;
  readonly objective?: string;
  readonly parameters?: string;
  readonly collector?: string;
  readonly container?: string;
  readonly job?: string;
  readonly rest?: string;
}

/** An experiment in flow style, one part a line. */
const experimentText = (parts: Parts): string => `apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: { name: my-experiment }
spec:
  objective: ${parts.objective ?? '{ type: maximize, objectiveMetricName: accuracy }'}
  algorithm: ${parts.algorithm ?? '{ algorithmName: random }'}
  maxTrialCount: 12
  parameters: ${parts.parameters ?? '[{ name: lr, parameterType: double, feasibleSpace: { min: "0.01", max: "0.05" } }]'}
  metricsCollectorSpec: ${parts.collector ?? '{ collector: { kind: StdOut } }'}
  trialTemplate:
    primaryContainerName: main
    trialParameters: [{ name: rate, reference: lr }, { name: own, reference: "\${trialSpec.Name}" }]
    trialSpec: ${parts.job ?? `{ kind: Job, spec: { template: { spec: { containers: [${parts.container ?? '{ name: main, command: [python, t.py, "--lr=${trialParameters.rate}"] }'}] } } } }`}
  ${parts.rest ?? ''}
`;

const experiment = (parts: Parts = {}): ImportedSpec => imported(experimentText(parts));
const space = (type: string, feasible: string) =>
  experiment({ parameters: `[{ name: lr, parameterType: ${type}, feasibleSpace: ${feasible} }]` });

describe('the feasible space of a Katib experiment', () => {
  it.each([
    ['double', '{ min: "0.01", max: "0.03" }', { min: 0.01, max: 0.03, scale: 'linear', type: 'float' }],
    ['double', '{ min: "0", max: "1", step: "0.25" }', { min: 0, max: 1, step: 0.25, scale: 'linear', type: 'float' }],
    ['int', '{ min: "2", max: "8", step: "2" }', { min: 2, max: 8, step: 2, scale: 'linear', type: 'integer' }],
    [
      'double',
      '{ min: "1e-4", max: "1", distribution: logUniform }',
      { min: 1e-4, max: 1, scale: 'log', type: 'float' },
    ],
    ['int', '{ min: "1", max: "64", distribution: logUniform }', { min: 1, max: 64, scale: 'log', type: 'integer' }],
    ['categorical', '{ list: [sgd, "64"] }', ['sgd', '64']],
    ['discrete', '{ list: ["32", "64"] }', [32, 64]],
    ['discrete', '{ list: ["0.5", "0.75"] }', { choices: [0.5, 0.75], type: 'float' }],
    ['discrete', '{ list: ["0.5", "0.90"] }', ['0.5', '0.90']],
  ])('%s %s', (type, feasible, expected) => {
    expect(space(type, feasible).spec.search.space).toEqual({ lr: expected });
  });

  it('names a normal distribution as one without a counterpart', () => {
    expect(space('double', '{ min: "1", max: "2", distribution: normal }').said).toContain(
      'line 8, lr.distribution: normal has no counterpart; the whole range is sampled uniformly',
    );
  });

  it.each([
    ['double', '{ min: "a", max: "2" }'],
    ['double', '{ min: "3", max: "2" }'],
    ['int', '{ min: "1.5", max: "2" }'],
    ['complex', '{ min: "1", max: "2" }'],
    ['double', '{ min: "0", max: "2", distribution: logUniform }'],
    ['categorical', '{ min: "0", max: "2" }'],
  ])('refuses %s %s with the line', (type, feasible) => {
    expect(() => space(type, feasible)).toThrow(/line 8: received/);
  });
});

describe('the algorithm of a Katib experiment', () => {
  it.each([
    ['random', 'random'],
    ['sobol', 'sobol'],
    ['bayesianoptimization', 'bayesian'],
    ['tpe', 'bayesian'],
    ['cmaes', 'bayesian'],
  ])('%s', (algorithmName, strategy) => {
    const { spec } = experiment({
      algorithm: `{ algorithmName: ${algorithmName}, algorithmSettings: [{ name: random_state, value: "7" }] }`,
    });
    expect(spec.search).toMatchObject({ strategy, seed: 7, trials: 12 });
  });

  it('names other settings by their names', () => {
    const { said } = experiment({
      algorithm: '{ algorithmName: tpe, algorithmSettings: [{ name: gamma, value: "3" }] }',
    });
    expect(said.join('\n')).toContain('line 6, gamma:');
  });

  it('takes hyperband with its resource as the budget', () => {
    const { spec } = experiment({
      algorithm:
        '{ algorithmName: hyperband, algorithmSettings: [{ name: resource_name, value: lr2 }, { name: eta, value: "2" }, { name: r_l, value: "16" }] }',
      parameters:
        '[{ name: lr, parameterType: double, feasibleSpace: { min: "0", max: "1" } }, { name: lr2, parameterType: int, feasibleSpace: { min: "1", max: "16" } }]',
    });
    expect(spec.search).toMatchObject({ strategy: 'halving', halving: { reduction: 2, proposals: 'random' } });
    expect(spec.training.epochs).toBe(16);
    expect(Object.keys(spec.search.space)).toEqual(['lr']);
  });

  it.each(['darts', 'enas', 'pbt'])('refuses %s by name', (algorithmName) => {
    expect(() => experiment({ algorithm: `{ algorithmName: ${algorithmName} }` })).toThrow(
      new RegExp(`line 6: received "${algorithmName}"`),
    );
  });

  it('refuses the search of an architecture', () => {
    expect(() => experiment({ rest: 'nasConfig: { graphConfig: { numLayers: 8 } }' })).toThrow(
      /spec.nasConfig: line \d+/,
    );
  });
});

describe('the metrics of a Katib experiment', () => {
  it.each([
    ['latest', 'last'],
    ['max', 'best'],
  ])('%s of the objective is our %s', (strategy, at) => {
    const objective = `{ type: maximize, objectiveMetricName: accuracy, metricStrategies: [{ name: accuracy, value: ${strategy} }] }`;
    expect(experiment({ objective }).spec.objective.at).toBe(at);
  });

  it('reads name=value by default, of no longer name', () => {
    const { spec } = experiment();
    const pattern = new RegExp((spec.objective.pattern as string).replace('{number}', '([0-9.]+)'));
    expect(pattern.exec('accuracy=0.9')?.[1]).toBe('0.9');
    expect(pattern.exec('val-accuracy=0.9')).toBeNull();
  });

  it('turns the groups of a filter into the name and a number, for each metric', () => {
    const { spec } = experiment({
      objective: '{ type: minimize, objectiveMetricName: loss, additionalMetricNames: [val-acc] }',
      collector:
        '{ source: { filter: { metricsFormat: ["{metricName: ([\\\\w|-]+), metricValue: ((-?\\\\d+)(\\\\.\\\\d+)?)}"] } }, collector: { kind: StdOut } }',
    });
    expect(spec.objective.pattern).toEqual([
      '\\{metricName: loss, metricValue: {number}\\}',
      '\\{metricName: val-acc, metricValue: (?<val_acc>{number})\\}',
    ]);
  });

  it('reads event files, and has the program write them into its own folder', () => {
    const { spec, said } = experiment({
      collector:
        '{ source: { fileSystemPath: { path: /logs/test, kind: Directory } }, collector: { kind: TensorFlowEvent } }',
      container: '{ name: main, command: [python, t.py, --log-path=/logs, "--lr=${trialParameters.rate}"] }',
    });
    expect(spec.objective.file).toBe('**/events.out.tfevents.*');
    expect(spec.training.command).toEqual(['python', 't.py', '--log-path=logs', '--lr={lr}']);
    expect(said.join('\n')).toContain('make it write to logs/test');
  });

  it('names a collector that has no counterpart', () => {
    expect(experiment({ collector: '{ collector: { kind: PrometheusMetric } }' }).said.join('\n')).toContain(
      'PrometheusMetric has no counterpart',
    );
  });
});

describe('the trial template of a Katib experiment', () => {
  it('joins command and arguments, and keeps variables and GPUs', () => {
    const { spec, said } = experiment({
      container:
        '{ name: main, image: "x/y:1", command: [python, t.py], args: ["--lr", "${trialParameters.rate}", "--run=${trialParameters.own}", "{plain}"], env: [{ name: A, value: "${trialParameters.rate}" }, { name: S, valueFrom: {} }], resources: { limits: { nvidia.com/gpu: 2 } } }',
    });
    expect(spec.training.command).toEqual(['python', 't.py', '--lr', '{lr}', '--run={TRIAL_ID}', '{{plain}}']);
    expect(spec.training.environment).toEqual({ A: '{lr}' });
    expect(spec.compute).toMatchObject({ gpus: 2, profile: 'gpu' });
    expect(said.join('\n')).toMatch(/image: x\/y:1[\s\S]*|valueFrom/);
  });

  it('finds the primary container in a job of another kind, and says what is lost', () => {
    const { spec, said } = experiment({
      job: '{ kind: PyTorchJob, spec: { pytorchReplicaSpecs: { Master: { template: { spec: { containers: [{ name: side, command: [x] }, { name: main, command: [python, m.py] }] } } } } } }',
    });
    expect(spec.training.command).toEqual(['python', 'm.py']);
    expect(said.join('\n')).toContain('a PyTorchJob of several pods has no counterpart');
  });

  it('takes a template without a kind for a job of one container', () => {
    const { said } = experiment({
      job: '{ spec: { template: { spec: { containers: [{ name: main, command: [python, m.py] }] } } } }',
    });
    expect(said.join('\n')).not.toContain('several pods');
  });

  it('refuses a placeholder that the template does not declare', () => {
    expect(() => experiment({ container: '{ name: main, command: [t, "${trialParameters.other}"] }' })).toThrow(
      /allowed: trialParameters that the template declares: rate, own/,
    );
  });

  it('stops by the median, with rounds to compare', () => {
    const { spec } = experiment({
      rest: 'earlyStopping: { algorithmName: medianstop, algorithmSettings: [{ name: start_step, value: "5" }] }\n  parallelTrialCount: 3\n  maxFailedTrialCount: 2',
    });
    expect(spec.training.stop).toMatchObject({ median: true, minEpochs: 5 });
    expect(spec.search.rounds).toBe(4);
    expect(spec.compute.maxParallel).toBe(3);
    expect(spec.tolerance.failedTrials).toBe(2);
  });

  it('finds the experiment among other documents of a manifest', () => {
    expect(imported(`kind: Namespace\n---\n${experimentText({})}`).spec.name).toBe('my-experiment');
  });
});
