import { expect, test } from 'vitest';
import {
  gpuMemoryIn,
  gpuMemoryOf,
  pauseBeforeLook,
  peakOf,
  processMemory,
  together,
} from '../../../core/trial/memory.ts';

const MIB = 1024 * 1024;

test("a process's memory is read from its status; one that has ended has none", () => {
  const status =
    'Name:\tpython\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\nRssAnon:\t 120 kB\nRssFile:\t 70 kB\nRssShmem:\t 10 kB\n';
  expect(processMemory(status)).toEqual({ resident: 200 * 1024, shared: 80 * 1024, most: 300 * 1024 });
  expect(processMemory('Name:\tpython\nState:\tZ (zombie)\n')).toBeNull();
});

test('what workers share counts once, and a record of one process between two looks counts', () => {
  const worker = { resident: 100, shared: 60, most: 100 };
  expect(together([worker, worker])).toBe(40 + 40 + 60);
  expect(together([{ ...worker, most: 500 }, worker])).toBe(500);
});

test("of a GPU's memory, that of the trial's own processes counts; where none is named, that of its GPUs", () => {
  const apps = '100, 500\n101, 250\n200, 4000\n102, [N/A]\n';
  expect(gpuMemoryOf(apps, new Set([100, 101, 102]))).toBe(750 * MIB);
  expect(gpuMemoryOf(apps, new Set([7, 102]))).toBeNull();
  expect(gpuMemoryOf('', new Set([100]))).toBeNull();
  const devices = '0, GPU-aa, 10\n1, GPU-bb, 20\n2, GPU-cc, 40\n';
  expect(gpuMemoryIn(devices, ['1', 'GPU-cc'])).toBe(60 * MIB);
  expect(gpuMemoryIn('', ['0'])).toBeNull();
});

test('a peak keeps the larger of what is known', () => {
  expect(peakOf({}, {})).toEqual({});
  expect(peakOf({ host: 5 }, { host: 3, gpu: 1 })).toEqual({ host: 5, gpu: 1 });
});

test('of a program that runs for a second or ten, the last look is in the last fifth of its time', () => {
  const looks = { least: 20, most: 2000, share: 1 / 4 };
  for (const end of [200, 999, 1501, 9999]) {
    let last = 0;
    for (let next = 0; next <= end; next += pauseBeforeLook(next, looks)) last = next;
    expect(last).toBeGreaterThanOrEqual(end * 0.8);
  }
  expect(pauseBeforeLook(3600_000, looks)).toBe(2000);
});
