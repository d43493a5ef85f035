import { describe, expect, test } from 'vitest';
import {
  type BatchState,
  concurrencyFinding,
  ecrImage,
  imageFinding,
  queueFinding,
  quotaFinding,
  sharedQuotas,
  spotRoleFinding,
  versionFinding,
} from '../../../core/aws/account-checks.ts';
import type { DeployedProfile } from '../../../core/aws/deployment.ts';
import { foremost } from '../../../core/aws/finding.ts';
import { profile } from './profile.ts';

const single = (over: Partial<DeployedProfile> = {}) =>
  profile({ instanceTypes: ['g4dn.2xlarge', 'g5.2xlarge'], ...over });
const four = { gpus: 4, vcpus: 32, memoryMiB: 117_000, instanceTypes: ['g4dn.12xlarge'] };

test('a stack of another version is wrong, and both versions are named', () => {
  expect(versionFinding('Sweepstack', '1.0.0', '1.0.0').status).toBe('ok');
  expect(versionFinding('Sweepstack', '1.0.0', '1.1.0')).toMatchObject({
    status: 'wrong',
    found: 'Sweepstack has version 1.0.0, this command 1.1.0',
  });
});

describe('a quota', () => {
  const [spot] = sharedQuotas({ gpu: single(), large: profile(four) });

  test('is asked for once, however many profiles count on it', () => {
    expect(sharedQuotas({ gpu: single(), large: profile(four) }).map(({ code }) => code)).toEqual([
      'L-3819A6DF',
      'L-DB2E81BA',
    ]);
  });

  test('that holds an instance of each profile is enough', () => {
    expect(quotaFinding(spot!, 48).status).toBe('ok');
  });

  test('below an instance of one profile is wrong for that one, and the command asks for eight trials', () => {
    expect(quotaFinding(spot!, 47)).toMatchObject({
      status: 'wrong',
      found: '47 vCPUs; an instance takes 48 for a trial of large, which would wait forever',
      remedy:
        'aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-3819A6DF --desired-value 256',
    });
    expect(quotaFinding(spot!, 0).found).toContain('8 for a trial of gpu, 48 for a trial of large');
  });

  test('without a known code is unknown', () => {
    const [p5] = sharedQuotas({ p5: single({ spot: 'only', instanceTypes: ['p5.48xlarge'] }) });
    expect(quotaFinding(p5!, null).status).toBe('unknown');
  });
});

test('a missing Spot role comes with the command that makes it', () => {
  expect(spotRoleFinding(false)).toMatchObject({
    status: 'wrong',
    remedy: 'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com',
  });
  expect(spotRoleFinding(true).status).toBe('ok');
});

describe('a queue', () => {
  const sound: BatchState = { name: 'one', state: 'ENABLED', status: 'VALID', reason: null };

  test('is sound when it and its environments are VALID, or being updated, and ENABLED', () => {
    expect(queueFinding('gpu', sound, [sound, { ...sound, status: 'UPDATING' }]).status).toBe('ok');
  });

  test('that is not there, or lacks an environment, is deployed again', () => {
    expect(queueFinding('gpu', null, [])).toMatchObject({ status: 'wrong', remedy: 'npx cdk deploy' });
    expect(queueFinding('gpu', sound, [sound, null])).toMatchObject({ status: 'wrong', remedy: 'npx cdk deploy' });
    expect(queueFinding('gpu', sound, []).status).toBe('wrong');
  });

  test('that is DISABLED is enabled by its command, an environment by its own', () => {
    const disabled = { ...sound, state: 'DISABLED' };
    expect(queueFinding('gpu', disabled, [sound]).remedy).toBe(
      'aws batch update-job-queue --job-queue one --state ENABLED',
    );
    expect(queueFinding('gpu', sound, [disabled]).remedy).toBe(
      'aws batch update-compute-environment --compute-environment one --state ENABLED',
    );
  });

  test('with an INVALID environment is wrong, with the reason that Batch gives', () => {
    const invalid = { ...sound, status: 'INVALID', reason: 'CLIENT_ERROR - no such subnet' };
    expect(queueFinding('gpu', sound, [sound, invalid])).toMatchObject({
      status: 'wrong',
      found: 'one is INVALID: CLIENT_ERROR - no such subnet',
    });
  });

  test('speaks for the two of a profile, unless the other one is wrong', () => {
    const normal = queueFinding('gpu', sound, [sound]);
    const high = queueFinding('gpu', { ...sound, name: 'high', state: 'DISABLED' }, [sound]);
    expect(foremost([normal, high])).toMatchObject({ status: 'wrong', found: 'high is DISABLED' });
    expect(foremost([high, normal])).toMatchObject({ status: 'wrong', found: 'high is DISABLED' });
    expect(foremost([normal, { ...normal, found: 'the second' }])).toBe(normal);
  });
});

describe('an image', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const place = { account: '123456789012', region: 'eu-west-1', repository: 'team/train' };
  const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/train';

  test.each([
    [`${registry}:v1`, { ...place, id: { imageTag: 'v1' } }],
    [registry, { ...place, id: { imageTag: 'latest' } }],
    [`${registry}@${digest}`, { ...place, id: { imageDigest: digest } }],
    [`${registry}:v1@${digest}`, { ...place, id: { imageDigest: digest } }],
    ['pytorch/pytorch:2.4', null],
    ['public.ecr.aws/x/y:1', null],
  ])('%s', (uri, image) => {
    expect(ecrImage(uri)).toEqual(image);
  });

  test('that is missing is pushed by whoever chose it, or by a deploy', () => {
    expect(imageFinding(['gpu'], { uri: 'x', chosen: true }, false).remedy).toBe('docker push x');
    expect(imageFinding(['gpu'], { uri: 'x', chosen: false }, false).remedy).toBe('npx cdk deploy');
  });

  test('of another registry cannot be asked for', () => {
    expect(imageFinding(['gpu'], { uri: 'x', chosen: true }, null).status).toBe('unknown');
  });
});

test('ten functions at once are enough, and fewer are not', () => {
  expect(concurrencyFinding(40)).toMatchObject({ status: 'ok', found: '40 functions at once' });
  expect(concurrencyFinding(10)).toMatchObject({ status: 'ok', found: expect.stringContaining('faster with 40') });
  expect(concurrencyFinding(9)).toMatchObject({ status: 'wrong', remedy: expect.stringContaining('L-B99A9384') });
});
