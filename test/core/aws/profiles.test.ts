import { describe, expect, test } from 'vitest';
import { gpusOf, offerProblems, takenBy, withGpus } from '../../../core/aws/profiles.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const spec = (compute: object, environment: object = {}) =>
  resolveSpec({ search: { space: { x: [1] } }, training: { command: ['true'], environment }, compute });

describe('GPUs of a trial that the spec does not say', () => {
  test.each([0, 4])("are the profile's own number: %i", (gpus) => {
    expect(gpusOf(spec({ profile: 'any' }).compute, { gpus })).toBe(gpus);
  });

  test.each([
    ['gpu', 1],
    ['multi-gpu', 4],
    ['cpu', 0],
    ['mine', 1],
    ['constructor', 1],
  ])('with no deployment at hand are those of the default profile: %s, %i', (profile, gpus) => {
    expect(gpusOf(spec({ profile }).compute, null)).toBe(gpus);
  });

  test('are written out in the spec that is kept', () => {
    expect(withGpus(spec({ profile: 'big' }), { gpus: 8 }).compute).toMatchObject({ profile: 'big', gpus: 8 });
  });
});

test('GPUs that the spec says stay', () => {
  expect(gpusOf(spec({ profile: 'multi-gpu', gpus: 2 }).compute, { gpus: 4 })).toBe(2);
});

describe('what a deployment cannot run', () => {
  const offer = { profiles: { gpu: { gpus: 1 }, cpu: { gpus: 0 } }, secrets: ['wandb'], stack: 'Team', data: null };
  const fields = (...args: Parameters<typeof spec>) => offerProblems(spec(...args), offer).map(({ field }) => field);

  test('is nothing for a profile named alone', () => {
    expect(fields({ profile: 'cpu' })).toEqual([]);
  });

  test('is a profile that it does not have, not even one that every object has', () => {
    expect(fields({ profile: 'constructor' })).toEqual(['compute.profile']);
    expect(offerProblems(spec({ profile: 'gpuu' }), offer)[0]?.message).toBe(
      'received "gpuu"; allowed in the stack Team: gpu, cpu; did you mean gpu?',
    );
  });

  test('is more GPUs than the profile has', () => {
    expect(fields({ profile: 'gpu', gpus: 1 })).toEqual([]);
    expect(fields({ profile: 'gpu', gpus: 2 })).toEqual(['compute.gpus']);
  });

  test('is a secret that trials may not read; unknown secrets are not judged', () => {
    const environment = { KEY: { secret: 'other' }, WANDB: { secret: 'wandb' } };
    expect(fields({}, environment)).toEqual(['training.environment.KEY']);
    expect(offerProblems(spec({}, environment), { ...offer, secrets: null })).toEqual([]);
  });

  test('is data where trials may not read it', () => {
    const withData = { ...spec({}), training: { ...spec({}).training, data: 's3://other/images' } };
    const data = { store: 's3://sweeps', dataBuckets: [] };
    expect(offerProblems(withData, { ...offer, data })).toEqual([
      { field: 'training.data', message: expect.stringContaining('trials may read s3://sweeps/data/;') },
    ]);
    expect(offerProblems(withData, offer)).toEqual([]);
  });
});

test.each([
  [{}, { gpus: 4, dollarsPerHour: 3 }],
  [{ gpus: 0 }, { gpus: 0, dollarsPerHour: 3 }],
  [
    { gpus: 2, dollarsPerHour: 1.5 },
    { gpus: 2, dollarsPerHour: 1.5 },
  ],
])('a profile taken by %j has the GPUs and the price of the spec before its own', (compute, expected) => {
  expect(takenBy(compute, { gpus: 4, dollarsPerHour: 3, vcpus: 8 })).toEqual({ ...expected, vcpus: 8 });
});
