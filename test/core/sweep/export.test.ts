import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { type Exported, exportAs, formatOf } from '../../../core/sweep/export.ts';
import { collect } from '../../../core/trial/collected.ts';

const spec = resolveSpec({
  search: {
    strategy: 'random',
    space: {
      rate: { min: 0.1, max: 1, scale: 'log' },
      layers: { min: 1, max: 5, type: 'integer' },
      shape: ['a', [1, 2]],
    },
  },
  objective: { metric: 'loss' },
});
const row = { epoch: 2, epochs: 10, status: 'succeeded' } as const;
const sweep: Exported = {
  sweepId: 's',
  spec,
  leaderboard: {
    sweepId: 's',
    objective: { metric: 'loss', goal: 'minimize' },
    counts: { planned: 2, succeeded: 1, failed: 1 },
    trials: [
      { ...row, rank: 1, trial: 1, id: 'one', parameters: { rate: 0.5, layers: 2, shape: [1, 2] }, value: 0.25 },
      {
        ...row,
        rank: null,
        trial: 0,
        id: 'zero',
        parameters: { rate: 0.1 },
        value: null,
        status: 'failed',
        failureClass: 'timeout',
      },
    ],
  },
  metadata: new Map([
    [
      'one',
      {
        ...collect({ trial: 1, id: 'one', epochs: 1, parameters: {} }, 1, null).facts,
        startedAt: '2026-01-01T00:00:00.000Z',
        seconds: 90,
        secondsByPhase: { waiting: 30, pulling: null, fetching: 5, training: 80, uploading: 5, interrupted: 0 },
        instance: { type: 'g5.2xlarge', purchase: 'spot', zone: 'us-east-1c' },
      },
    ],
  ]),
  curves: new Map([
    [
      'one',
      [
        [1, 0.5],
        [2, null],
        [2.5, 1],
        [3, 0.25],
      ],
    ],
  ]),
};

const lines = (format: 'jsonl' | 'optuna') =>
  exportAs(format, sweep)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('JSON lines', () => {
  test('hold one flat object a trial, best first, its parameters prefixed', () => {
    const [first, second] = lines('jsonl');
    expect(first).toMatchObject({ trial: 1, value: 0.25, params_rate: 0.5, params_shape: [1, 2], seconds: 90 });
    expect(first).toMatchObject({ instance_type: 'g5.2xlarge', purchase: 'spot', zone: 'us-east-1c' });
    expect(second).toMatchObject({ trial: 0, failureClass: 'timeout', started_at: null, seconds: null });
    expect(second).not.toHaveProperty('instance_type');
  });
});

describe('CSV', () => {
  const [header, first, second] = exportAs('csv', sweep)
    .split('\r\n')
    .map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));

  test('has a column for each key, also those that only some trials have', () => {
    expect(header).toEqual(expect.arrayContaining(['trial', 'value', 'params_rate', 'seconds', 'failureClass']));
  });

  test('has a line a trial, its lists as quoted JSON, and nothing where there is no value', () => {
    const cell = (row: string[] | undefined, name: string) => row?.[header!.indexOf(name)];
    expect([cell(first, 'trial'), cell(first, 'params_shape'), cell(first, 'failureClass')]).toEqual([
      '1',
      '"[1,2]"',
      '',
    ]);
    const seconds = ['waiting', 'pulling', 'fetching', 'training', 'uploading', 'interrupted'];
    expect(seconds.map((phase) => cell(first, `${phase}_seconds`))).toEqual(['30', '', '5', '80', '5', '0']);
    expect(cell(second, 'training_seconds')).toBe('');
    expect([cell(second, 'value'), cell(second, 'failureClass')]).toEqual(['', 'timeout']);
  });

  test.each([
    ['a/trials.csv', 'csv'],
    ['TRIALS.CSV', 'csv'],
    ['trials.jsonl', 'jsonl'],
    ['csv', 'jsonl'],
  ])('%s is written as %s', (file, format) => {
    expect(formatOf(file)).toBe(format);
  });
});

describe("Optuna's journal", () => {
  const [study, zero, one] = lines('optuna');

  test('has one study with the direction of the goal', () => {
    expect(study).toMatchObject({ op_code: 0, study_name: 's', directions: [1] });
  });

  test('has the trials in the order of proposal, with their states', () => {
    expect([zero, one].map(({ op_code, state, value }) => [op_code, state, value])).toEqual([
      [4, 3, null],
      [4, 1, 0.25],
    ]);
  });

  test('tells each parameter by its distribution, and a choice by its index', () => {
    expect(one.params).toEqual({ rate: 0.5, layers: 2, shape: 1 });
    expect(JSON.parse(one.distributions.rate)).toMatchObject({
      name: 'FloatDistribution',
      attributes: { low: 0.1, high: 1, log: true },
    });
    expect(JSON.parse(one.distributions.layers)).toMatchObject({ name: 'IntDistribution', attributes: { step: 1 } });
    expect(JSON.parse(one.distributions.shape).attributes.choices).toEqual(['a', '[1,2]']);
  });

  test('has finite values of whole epochs as intermediate values, and the end by the seconds', () => {
    expect(one.intermediate_values).toEqual({ 1: 0.5, 3: 0.25 });
    expect(one.datetime_complete).toBe('2026-01-01T00:01:30.000+00:00');
  });
});

describe('with several objectives', () => {
  const several = resolveSpec({
    ...spec,
    objective: [
      { metric: 'loss' },
      { metric: 'acc' },
      { metric: 'ms', goal: 'minimize', limit: 20 },
      { metric: 'recall', goal: 'maximize', limit: 0.5 },
    ],
  });
  const [first, failed] = sweep.leaderboard.trials;
  const others = { acc: 0.9, ms: 23, recall: 0.75 };
  const trials = [{ ...first!, rank: null, others, beyond: ['ms'] }, failed!];
  const exported = (format: 'jsonl' | 'optuna') =>
    exportAs(format, { ...sweep, spec: several, leaderboard: { ...sweep.leaderboard, trials } })
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('Optuna gets a direction for each that is traded off, and limits as constraints', () => {
    const [study, zero, one] = exported('optuna');
    expect(study.directions).toEqual([1, 2]);
    expect(one).toMatchObject({ value: null, values: [0.25, 0.9], system_attrs: { constraints: [3, -0.25] } });
    expect(zero).toMatchObject({ value: null, values: null, system_attrs: {} });
  });

  test('JSON lines have a column for each', () => {
    expect(exported('jsonl')[0]).toMatchObject({ objectives_ms: 23, objectives_acc: 0.9, beyond: ['ms'], rank: null });
  });
});
