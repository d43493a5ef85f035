import { expect, test } from 'vitest';
import { trialsThatFit } from '../../../core/trial/room.ts';
import type { Usage } from '../../../core/trial/usage.ts';

const GB = 1e9;
const gpu = (busy: number, used: number): Usage => ({
  gpu: { devices: 1, samples: 9, busy: { mean: busy, peak: 100 }, memory: { peak: used * GB, total: 24 * GB } },
});

test('as many trials fit as the GPU has time for', () => expect(trialsThatFit(gpu(23, 3.1), {})).toBe(4));

test('of memory a tenth stays free', () => {
  expect(trialsThatFit(gpu(5, 5.4), {})).toBe(4);
  expect(trialsThatFit(gpu(5, 5.5), {})).toBe(3);
});

test("the host's cores and memory limit them as well", () => {
  const usage = { ...gpu(5, 1), cores: { busy: 1.3, given: 4 }, hostMemory: 16 * GB };
  expect(trialsThatFit(usage, { host: 1 * GB })).toBe(3);
  expect(trialsThatFit(usage, { host: 7 * GB })).toBe(2);
});

test('a trial that fills its GPU fits once', () => expect(trialsThatFit(gpu(100, 23), {})).toBe(1));

test('of a GPU that tells no time nothing is known', () => {
  const { busy: _, ...told } = gpu(1, 1).gpu!;
  expect(trialsThatFit({ gpu: told }, {})).toBeNull();
  expect(trialsThatFit({}, { host: 1 })).toBeNull();
});
