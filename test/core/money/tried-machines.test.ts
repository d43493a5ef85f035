import { expect, test } from 'vitest';
import type { PriceBook } from '../../../core/money/prices.ts';
import { BESIDE_AN_HOUR } from '../../../core/money/rates.ts';
import { measuredEpoch, rightMachines, type TriedProfile } from '../../../core/money/tried-machines.ts';

const GB = 1e9;
const book =
  (own: number | null) =>
  (region: string): PriceBook => ({ region, asked: null, own });
const SIZE = { gpus: 1, vcpus: 8, memoryMiB: 29_000 };
const GPU = { devices: 1, samples: 6, busy: { mean: 20, peak: 90 }, memory: { peak: 4 * GB, total: 24 * GB } };
const facts = {
  seconds: 100,
  phases: { fetching: 60, training: 36 },
  instance: { type: 'g5.12xlarge', purchase: 'on-demand', zone: 'us-east-1b' },
  peakMemory: { gpu: 4 * GB },
  usage: { gpu: GPU },
};

test('an epoch costs its seconds of training on a slot of its machine', () => {
  const { seconds, slots, dollars, gpuMemory } = measuredEpoch({ facts }, SIZE, book(3.6));
  expect({ seconds, slots, gpuMemory }).toEqual({ seconds: 36, slots: 4, gpuMemory: 24 * GB });
  expect(dollars).toBeCloseTo(((3.6 + BESIDE_AN_HOUR) * 36) / 3600 / 4, 12);
});

test('by the list price of its type and purchase option where its owner says none', () => {
  const { price } = measuredEpoch({ facts }, SIZE, book(null));
  expect(price).toMatchObject({ dollars: 5.672, kind: 'list', region: 'us-east-1' });
});

test('a machine of one’s own costs what its owner says, all of it, or nothing is known', () => {
  const { instance: _, ...own } = facts;
  expect(measuredEpoch({ facts: own }, null, book(1)).dollars).toBeCloseTo(36 / 3600, 12);
  expect(measuredEpoch({ facts: own }, null, book(null)).dollars).toBeNull();
});

test('what would fit is told where the GPU was looked at for long enough, and no other trial was on it', () => {
  const fitting = (usage: object) => measuredEpoch({ facts: { ...facts, usage } }, SIZE, book(1)).fit;
  expect(fitting({ gpu: GPU })).toBe(5);
  expect(fitting({ gpu: { ...GPU, samples: 5 } })).toBeNull();
  expect(fitting({ gpu: { ...GPU, devices: 2 } })).toBeNull();
  expect(fitting({ gpu: GPU, shared: true })).toBeNull();
});

test('without a GPU, a minute of its cores tells what would fit', () => {
  const usage = { cores: { busy: 1.5, given: 4 } };
  const fitting = (training: number) =>
    measuredEpoch({ facts: { ...facts, phases: { fetching: 0, training }, usage } }, { ...SIZE, gpus: 0 }, book(1)).fit;
  expect([fitting(59), fitting(60)]).toEqual([null, 2]);
});

test('a GPU whose memory nobody told has what its type is sold with', () => {
  expect(measuredEpoch({ facts: { ...facts, usage: {} } }, SIZE, book(1)).gpuMemory).toBe(22_888 * 1024 * 1024);
  expect(measuredEpoch({ facts: { ...facts, usage: {} } }, { ...SIZE, gpus: 0 }, book(1)).gpuMemory).toBeNull();
});

function tried(profile: string, seconds: number | null, dollars: number | null): TriedProfile {
  const status = seconds === null ? 'failed' : 'succeeded';
  const epoch = seconds === null ? null : { ...measuredEpoch({ facts }, SIZE, book(1)), seconds, dollars };
  return { profile, status, failure: null, waitedSeconds: null, epoch };
}

test('the cheapest and the fastest are of those that succeeded, the first of equal ones', () => {
  const all = [tried('none', null, null), tried('slow', 90, 0.01), tried('same', 90, 0.01), tried('fast', 30, 0.02)];
  expect(rightMachines(all)).toEqual({ cheapest: 'slow', fastest: 'fast' });
  expect(rightMachines([tried('unpriced', 5, null), ...all])).toEqual({ cheapest: 'slow', fastest: 'unpriced' });
  expect(rightMachines([tried('none', null, null)])).toEqual({ cheapest: null, fastest: null });
});
