import { expect, test } from 'vitest';
import { usageHints, usageText } from '../../../core/sweep/usage-hints.ts';
import type { Usage } from '../../../core/trial/usage.ts';

const GB = 1e9;
const used = (busy: number, peak: number, more: Usage = {}, samples = 6): { usage: Usage } => ({
  usage: {
    gpu: { devices: 1, samples, busy: { mean: busy, peak: 90 }, memory: { peak: peak * GB, total: 24 * GB } },
    ...more,
  },
});

test('a GPU with room for more trials is told of with numbers, over all trials and the largest of them', () =>
  expect(usageHints([used(13, 2, {}, 6), used(28, 3.1, {}, 12), {}])).toEqual([
    'GPU 23 % busy, 3.1 of 24 GB: four such trials fit on it at once; set compute.trialsPerGpu: 4',
  ]));

test('nothing is said of room on GPUs that several trials shared, or that one trial had several of', () => {
  expect(usageHints([used(23, 3.1), used(80, 12, { shared: true })])).toEqual([]);
  const { gpu } = used(23, 3.1).usage;
  expect(usageHints([{ usage: { gpu: { ...gpu!, devices: 2 } } }])).toEqual([]);
});

test('a GPU that waits for data is told of, with what keeps it waiting', () => {
  expect(usageHints([used(39, 20, { dataWait: 0.61, cores: { busy: 3.9, given: 4 } })])).toEqual([
    'the GPU waited for data 61 % of the time; 3.9 of 4 cores were busy: choose a profile with more vCPUs, or prepare the data once',
  ]);
  expect(usageHints([used(39, 20, { dataWait: 0.61, cores: { busy: 1.1, given: 4 } })])).toEqual([
    'the GPU waited for data 61 % of the time; 1.1 of 4 cores were busy: let more workers load the data',
  ]);
});

test('where a program does not say that it waits, idle time counts if its cores are busy', () => {
  const cores = { busy: 3.8, given: 4 };
  expect(usageHints([used(39, 20, { cores })])[0]).toMatch(/^the GPU was idle 61 % of the time, and 3.8 of 4 cores/);
  expect(usageHints([used(39, 20, { dataWait: 0.1, cores })])).toEqual([]);
  expect(usageHints([used(80, 20, { cores })])).toEqual([]);
});

test('nothing is said of a few seconds, of a busy GPU, or of none', () => {
  expect(usageHints([used(5, 1, { dataWait: 0.9 }, 5)])).toEqual([]);
  expect(usageHints([used(97, 20)])).toEqual([]);
  expect(usageHints([{ usage: { cores: { busy: 4, given: 4 }, dataWait: 0.9 } }])).toEqual([]);
});

test("a trial's usage in words names what is known", () => {
  expect(usageText({ ...used(23, 3.1).usage, cores: { busy: 1.24, given: 4 }, dataWait: 0.61 })).toBe(
    'GPU 23 % busy, 3.1 of 24 GB; 1.2 of 4 cores busy; waited for data 61 % of the time',
  );
  expect(usageText({ gpu: { devices: 1, samples: 1 } })).toBe('GPU tells neither time nor memory');
});
