import { expect, test } from 'vitest';
import { dataWaitOf, gpuUsage, NO_SAMPLES, parseGpuSample, withSample } from '../../../core/trial/usage.ts';

const MIB = 1024 * 1024;

/** As nvidia-smi prints them with `csv,noheader,nounits`. */
const A10G = `0, GPU-6d8d2f3c-8a3a-5a0b-9a1e-1f8a0d1b7c11, 21, 3174, 23028, 71.35, 41
0, GPU-6d8d2f3c-8a3a-5a0b-9a1e-1f8a0d1b7c11, 25, 3180, 23028, 78.02, 43
`;
const EIGHT = Array.from(
  { length: 8 },
  (_, index) =>
    `${index}, GPU-0000000${index}-aaaa-bbbb-cccc-000000000000, ${index * 10}, ${1000 + index}, 81559, 412.61, 5${index}\n`,
).join('');
const MIG =
  '0, GPU-0e4b3c1f-4b5e-b1f0-0a30-7ea40a4ad1f6, [N/A], [Insufficient Permissions], [Insufficient Permissions], 68.15, 47\n';
const BROKEN = `NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.
No devices were found
0, GPU-6d8d2f3c, 21

0, GPU-6d8d2f3c-8a3a-5a0b-9a1e-1f8a0d1b7c11, [Unknown Error], [GPU is lost], 23028, [N/A], ERR!
`;

const samples = (output: string) => output.split('\n').flatMap((line) => parseGpuSample(line) ?? []);
const usageOf = (output: string) => gpuUsage(samples(output).reduce(withSample, NO_SAMPLES));

test('of one GPU the means and peaks of what it tells are kept', () =>
  expect(usageOf(A10G)).toEqual({
    devices: 1,
    samples: 2,
    busy: { mean: 23, peak: 25 },
    memory: { peak: 3180 * MIB, total: 23028 * MIB },
    watts: { mean: 74.7, peak: 78 },
    celsius: { peak: 43 },
  }));

test('of eight GPUs the time is their mean, and the memory that of the fullest', () =>
  expect(usageOf(EIGHT)).toMatchObject({
    devices: 8,
    samples: 8,
    busy: { mean: 35, peak: 70 },
    memory: { peak: 1007 * MIB, total: 81559 * MIB },
    celsius: { peak: 57 },
  }));

test('a GPU cut by MIG tells neither time nor, in a container, memory', () =>
  expect(usageOf(MIG)).toEqual({ devices: 1, samples: 1, watts: { mean: 68.2, peak: 68.2 }, celsius: { peak: 47 } }));

test('what is no sample is none, and a cell that holds no number tells nothing', () => {
  expect(samples(BROKEN)).toEqual([{ index: '0', uuid: 'GPU-6d8d2f3c-8a3a-5a0b-9a1e-1f8a0d1b7c11' }]);
  expect(gpuUsage(NO_SAMPLES)).toBeUndefined();
});

test('the wait for data is the mean of the shares that a program reports', () => {
  const epochs = [0.6, 0.62, null, 7].map((data_wait, epoch) => ({ epoch, values: { data_wait } }));
  expect(dataWaitOf(epochs)).toBe(0.61);
  expect(dataWaitOf([{ epoch: 1, values: { score: 1 } }])).toBeUndefined();
});
