import { describe, expect, test } from 'vitest';
import {
  deployedProfileSchema,
  deploymentParameter,
  deploymentSchema,
  plannedProfileSchema,
  recordedProfileSchema,
} from '../../../core/aws/deployment.ts';

const planned = { queue: 'queue', jobDefinition: 'arn:aws:batch:x:1:job-definition/gpu:3', gpus: 1, image: null };
const deployed = {
  ...planned,
  vcpus: 4,
  memoryMiB: 15_000,
  maxVcpus: 64,
  spot: true,
  instanceTypes: ['g5'],
  logGroup: '/sweepstack',
};
const deployment = {
  version: '1.0.0',
  stateMachine: 'arn:aws:states:x:1:stateMachine:s',
  store: 's3://bucket',
  dataBuckets: [],
  secrets: [],
  profiles: { gpu: deployed },
};

describe('a profile', () => {
  test('may name an image of its own', () =>
    expect(plannedProfileSchema.parse({ ...planned, image: 'i@sha256:1' }).image).toBe('i@sha256:1'));

  test('may be of machines without GPUs', () =>
    expect(plannedProfileSchema.parse({ ...planned, gpus: 0 }).gpus).toBe(0));

  test.each([
    ['queue', ''],
    ['jobDefinition', ''],
    ['gpus', -1],
    ['gpus', 0.5],
    ['image', ''],
    ['image', undefined],
    ['other', 1],
  ])('is refused with %s %j', (key, value) =>
    expect(plannedProfileSchema.safeParse({ ...planned, [key]: value }).success).toBe(false),
  );

  test('is recorded in a spec under its name', () => {
    expect(recordedProfileSchema.parse({ ...planned, profile: 'gpu' })).toEqual({ ...planned, profile: 'gpu' });
    expect(recordedProfileSchema.safeParse(planned).success).toBe(false);
  });

  test.each([
    ['vcpus', 0],
    ['memoryMiB', 0],
    ['maxVcpus', 0],
    ['instanceTypes', []],
    ['instanceTypes', ['']],
    ['logGroup', ''],
    ['spot', 'yes'],
  ])('is not deployed with %s %j', (key, value) =>
    expect(deployedProfileSchema.safeParse({ ...deployed, [key]: value }).success).toBe(false),
  );
});

describe('a deployment', () => {
  test('is read back as it was written', () => expect(deploymentSchema.parse(deployment)).toEqual(deployment));

  test('of a later version may hold more, which is left out', () =>
    expect(deploymentSchema.parse({ ...deployment, more: 1 })).toEqual(deployment));

  test.each([
    ['stateMachine', 'stateMachine'],
    ['store', 'bucket'],
    ['store', 'file:///store'],
    ['profiles', { gpu: planned }],
    ['secrets', undefined],
  ])('is refused with %s %j', (key, value) =>
    expect(deploymentSchema.safeParse({ ...deployment, [key]: value }).success).toBe(false),
  );

  test('lies under the name of its stack', () => expect(deploymentParameter('Mine')).toBe('/sweepstack/Mine'));
});
