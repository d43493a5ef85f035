import { expect, test } from 'vitest';
import { quotasOf } from '../../../core/aws/quotas.ts';
import { profile } from './profile.ts';

test('a Spot profile needs the Spot quota and the on-demand one it falls back to', () => {
  expect(quotasOf(profile({}), 4).map(({ code, vcpus }) => [code, vcpus])).toEqual([
    ['L-3819A6DF', 32],
    ['L-DB2E81BA', 32],
  ]);
});

test('no more vCPUs than the profile grows to', () => {
  expect(quotasOf(profile({}), 1000)[0]?.vcpus).toBe(256);
});

test('whole instances count: a trial on four GPUs of 32 vCPUs takes an instance of 48', () => {
  const four = profile({ gpus: 4, vcpus: 32, memoryMiB: 117_000, instanceTypes: ['g5', 'g4dn'] });
  expect(quotasOf(four, 2).map(({ vcpus }) => vcpus)).toEqual([96, 96]);
});

test('a profile on Spot only needs no on-demand quota', () => {
  expect(quotasOf(profile({ spot: 'only' }), 4).map(({ code }) => code)).toEqual(['L-3819A6DF']);
});

test('an on-demand profile needs no Spot quota', () => {
  expect(quotasOf(profile({ spot: false, instanceTypes: ['p4d.24xlarge'] }), 1).map(({ code }) => code)).toEqual([
    'L-417A185B',
  ]);
});

test('families of different quotas are all named', () => {
  const names = quotasOf(profile({ spot: false, instanceTypes: ['g5', 'c6i', 'm5.large'] }), 1).map(({ name }) => name);
  expect(names).toEqual([
    'Running On-Demand G and VT instances',
    'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
  ]);
});
