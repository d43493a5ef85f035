import { expect, test } from 'vitest';
import { programText } from '../../core/space/program-text.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { CONTRACT, JOB, OFFERED, SURROUNDINGS } from '../../core/spec/runner-variables.ts';
import { variableOf } from '../../core/spec/variables.ts';
import { programEnvironment } from '../../runner/environment.ts';
import type { TrialRun } from '../../runner/types.ts';
import { fillingOf } from '../core/spec/filling.ts';
import { place, TRIAL } from './support.ts';

/** What a program finds that is given this much. */
async function found(
  run: Partial<TrialRun>,
  environment: Record<string, string> = {},
): Promise<Record<string, string>> {
  const spec = resolveSpec({
    sweepId: 's',
    search: { space: { x: [1, 2] } },
    objective: { metric: 'score' },
    training: { command: ['true'], environment },
  });
  const { run: given } = await place('true');
  const filled = {
    bin: null,
    project: null,
    secrets: {},
    filling: fillingOf(TRIAL.parameters),
    s3: {},
    mlflow: '/m',
    helper: null,
  };
  return programEnvironment(spec, TRIAL, { ...given, ...run }, filled);
}

const device = async (...given: Parameters<typeof found>): Promise<string | undefined> =>
  (await found(...given))['DEVICE'];

test('every variable that a program gets from the runner is in the table of the docs, and none that the runner keeps', async () => {
  const kept = Object.fromEntries(Object.keys({ ...JOB, ...SURROUNDINGS }).map((name) => [name, 'kept']));
  const names = Object.keys(await found({ inherited: kept, slot: { cores: 1, gpus: ['0'] } }));
  const own = new Set(Object.keys(TRIAL.parameters).map(variableOf));
  expect(names).toContain('SEED');
  expect(names.filter((name) => !own.has(name) && !(name in CONTRACT) && !(name in OFFERED))).toEqual([]);
  expect(names.filter((name) => name in kept)).toEqual([]);
});

test('where the profile has GPUs a program is to train on one', async () => {
  expect(await device({ requiredGpus: 1 })).toBe('cuda');
  expect(await device({ slot: { cores: 1, gpus: ['0'] } })).toBe('cuda');
});

test('without GPUs nothing is said of a device', async () => {
  expect(await device({})).toBeUndefined();
  expect(await device({ slot: { cores: 1, gpus: [] } })).toBeUndefined();
});

test('a device that somebody chose is kept', async () => {
  expect(await device({ requiredGpus: 1 }, { DEVICE: 'cpu' })).toBe('cpu');
  expect(await device({ requiredGpus: 1, inherited: { DEVICE: 'auto' } })).toBe('auto');
});

test('a variable has its placeholders filled, and is not set where its parameter is inactive', async () => {
  const spec = resolveSpec({
    sweepId: 's',
    search: { space: { x: [1, 2], rate: { choices: [1], when: { x: 2 } } } },
    training: { command: ['true'], environment: { OUT: '{MODEL_DIR}/{x}-{rate}', M: '{rate}', N: 3 } },
  });
  const { run } = await place('true');
  const given = {
    bin: null,
    project: null,
    secrets: {},
    filling: fillingOf({ x: 1 }),
    s3: {},
    mlflow: '/m',
    helper: null,
  };
  const environment = programEnvironment(spec, TRIAL, run, given);
  expect(environment).toMatchObject({ OUT: '/a/model/1-', N: '3' });
  expect(environment).not.toHaveProperty('M');
});

test('a float reaches the program as one in its variable and in the JSON of all, a whole number as a whole number', async () => {
  const space = { 'batch-size': [1, 2], fraction: [0.5, 1] };
  const spec = resolveSpec({
    sweepId: 's',
    search: { space },
    objective: { metric: 'score' },
    training: { command: ['true'] },
  });
  const { run } = await place('true');
  const trial = { ...TRIAL, parameters: { 'batch-size': 1, fraction: 1 } };
  const filling = { ...fillingOf(trial.parameters), write: programText(space) };
  const environment = programEnvironment(spec, trial, run, {
    bin: null,
    project: null,
    secrets: {},
    filling,
    s3: {},
    mlflow: '/m',
    helper: null,
  });
  expect(environment).toMatchObject({ BATCH_SIZE: '1', FRACTION: '1.0' });
  expect(environment['SWEEP_PARAMETERS']).toBe('{"batch-size":1,"fraction":1.0}');
});

test.each([
  [{}, {}, '/helper'],
  [{ PYTHONPATH: 'lib:src' }, {}, 'lib:src:/helper'],
  [{ PYTHONPATH: '' }, {}, '/helper'],
  [{ PYTHONPATH: 'lib' }, { PYTHONPATH: 'mine' }, 'mine:/helper'],
])('the helper comes after what others put on the path of Python: %o, %o', async (inherited, environment, expected) => {
  const spec = resolveSpec({
    sweepId: 's',
    search: { space: { x: [1] } },
    training: { command: ['true'], environment },
  });
  const { run } = await place('true');
  const given = { bin: null, project: null, secrets: {}, filling: fillingOf({ x: 1 }), s3: {}, mlflow: '/m' };
  const path = (helper: string | null) =>
    programEnvironment(spec, TRIAL, { ...run, inherited }, { ...given, helper })['PYTHONPATH'];
  expect(path('/helper')).toBe(expected);
  expect(path(null)).toBe({ ...inherited, ...environment }.PYTHONPATH);
});

test("a project's own packages come before what PYTHONPATH holds, and its commands before those of its Python", async () => {
  const project = { pythonPath: ['/a/source/src', '/a/metadata'], bin: '/a/bin' };
  const given = {
    bin: '/cache/bin',
    project,
    secrets: {},
    filling: fillingOf({ x: 1 }),
    s3: {},
    mlflow: '/m',
    helper: null,
  };
  const { run } = await place('true');
  const environment = (own: Record<string, string>) => {
    const training = { command: ['true'], environment: own };
    const spec = resolveSpec({ sweepId: 's', search: { space: { x: [1, 2] } }, training });
    return programEnvironment(spec, TRIAL, { ...run, inherited: { PATH: '/bin', PYTHONPATH: '/mine' } }, given);
  };
  const own = '/a/source/src:/a/metadata';
  expect(environment({})).toMatchObject({ PATH: '/a/bin:/cache/bin:/bin', PYTHONPATH: `${own}:/mine` });
  expect(environment({ PYTHONPATH: 'lib' })['PYTHONPATH']).toBe(`${own}:lib`);
});
