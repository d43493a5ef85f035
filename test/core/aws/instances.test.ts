import { describe, expect, test } from 'vitest';
import { INSTANCES } from '../../../core/aws/instance-table.ts';
import { holds, instanceProblems, typesThatHold } from '../../../core/aws/instances.ts';
import { DEFAULT_PROFILES } from '../../../core/aws/profiles.ts';

const { gpu, cpu } = DEFAULT_PROFILES;
const four = DEFAULT_PROFILES['multi-gpu'];
const why = (
  types: string | string[],
  trial: typeof gpu | typeof four | typeof cpu,
  image: 'amd64' | 'own' = 'amd64',
) => instanceProblems([types].flat(), trial, image).map(({ message }) => message);
const instance = (type: string) => INSTANCES.find((each) => each.type === type)!;

describe('the table', () => {
  test('names each type once, with what a machine has', () => {
    expect(new Set(INSTANCES.map(({ type }) => type)).size).toBe(INSTANCES.length);
    for (const { type, vcpus, memoryMiB, usableMiB, gpus, gpuMemoryMiB } of INSTANCES) {
      expect(Math.min(vcpus, gpus, gpuMemoryMiB), type).toBeGreaterThan(0);
      expect(usableMiB ?? 1, type).toBeLessThan(memoryMiB);
    }
  });

  test('says what is known of one', () => {
    expect(instance('g5.2xlarge')).toEqual({
      type: 'g5.2xlarge',
      vcpus: 8,
      memoryMiB: 32_768,
      usableMiB: 31_714,
      gpu: 'A10G',
      gpus: 1,
      gpuMemoryMiB: 22_888,
      nvmeGB: 450,
      networkMbps: 5000,
      architecture: 'amd64',
      onDemand: 1.212,
      batch: true,
    });
  });
});

describe('an instance holds a trial', () => {
  const size = { vcpus: 8, memoryMiB: 31_714, gpus: 1 };
  test.each([
    ['of exactly its vCPUs, GPUs and usable memory', size, true],
    ['with a vCPU more', { ...size, vcpus: 9 }, false],
    ['with a GPU more', { ...size, gpus: 2 }, false],
    [
      'with more memory than Linux finds in it, though less than it is sold with',
      { ...size, memoryMiB: 31_715 },
      false,
    ],
  ])('%s: %o: %s', (_, trial, expected) => {
    expect(holds(instance('g5.2xlarge'), trial)).toBe(expected);
  });

  test('of what 97 % of its memory hold, where nobody measured it', () => {
    const memory = Math.floor(262_144 * 0.97);
    expect(holds(instance('p5.4xlarge'), { vcpus: 16, memoryMiB: memory, gpus: 1 })).toBe(true);
    expect(holds(instance('p5.4xlarge'), { vcpus: 16, memoryMiB: memory + 1, gpus: 1 })).toBe(false);
  });
});

test('those that hold a trial come cheapest first, without what Batch does not document', () => {
  const types = typesThatHold(four);
  expect(types.slice(0, 3).map(({ type }) => type)).toEqual(['g4dn.12xlarge', 'g6.12xlarge', 'g5.12xlarge']);
  expect(types.some(({ type }) => type.startsWith('g7'))).toBe(false);
});

describe('refused', () => {
  test.each([
    ['a type with too few vCPUs', 'g5.xlarge', gpu, /^received g5\.xlarge, which has 4 vCPUs, but a trial needs 8; /],
    ['a type with too few GPUs', 'g5.16xlarge', four, /which has 1 GPU, but a trial needs 4/],
    [
      'a type whose memory is all wanted',
      'g6.2xlarge',
      { ...gpu, memoryMiB: 32_768 },
      /which has 30874 MiB of memory for jobs, but a trial needs 32768/,
    ],
    ['a family without a size that is large enough', 'gr6', four, /of which no size has 32 vCPUs, .* and 4 GPUs/],
    ['a size that is none', 'g5.3xlarge', gpu, /which is not one of the sizes g5\.xlarge, g5\.2xlarge/],
    ['a family that the driver left behind', 'p3', gpu, /too old for the driver/],
    ['a type of one', 'g3s.xlarge', { ...gpu, vcpus: 4 }, /too old for the driver/],
    ['an ARM family with GPUs', 'g5g', gpu, /ARM.*NVIDIA drivers is for x86/],
    ['a Grace one', 'p6e-gb200.36xlarge', gpu, /ARM/],
    ["an ARM family for Sweepstack's own image", 'c7g', cpu, /ARM, and Sweepstack's image is built for amd64/],
    ['an ARM type with local drives', 'm6gd.2xlarge', cpu, /ARM/],
    ['GPUs of a part', 'g6f', gpu, /not among the GPU families that Batch documents/],
    ['a family newer than the list', 'g7e.2xlarge', gpu, /not among the GPU families that Batch documents/],
    ['GPUs of another maker', 'g4ad', gpu, /not among the GPU families that Batch documents/],
    ['a family without GPUs for trials with one', 'c6i', gpu, /not among the GPU families that Batch documents/],
    [
      'a small size without GPUs',
      'c6i.large',
      cpu,
      /which has at most 2 vCPUs, but a trial needs 4; allowed: families/,
    ],
    [
      'a size without GPUs whose memory is all wanted',
      'm6i.xlarge',
      { ...cpu, memoryMiB: 16_384 },
      /which has at most 16384 MiB of memory, but a trial needs 16384; allowed: families .* 4 vCPUs and 16384 MiB/,
    ],
    ['a family that is none', 'c99z', cpu, /^received c99z, which is not an EC2 instance family \(list of 2026-/],
    ['a family with a slip', 'm6ii', cpu, /not an EC2 instance family .*; did you mean m6i/],
    [
      'a size that a family without GPUs does not have',
      'c6i.3xlarge',
      cpu,
      /not one of the sizes c6i\.large, c6i\.xlarge/,
    ],
    ['a Mac', 'mac1.metal', cpu, /macOS/],
    ['a family of Macs', 'mac-m4', cpu, /macOS/],
    [
      'a family without GPUs whose largest size is too small',
      'c6i',
      { ...cpu, vcpus: 129 },
      /whose largest size has at most 128 vCPUs, but a trial needs 129/,
    ],
  ])('%s', (_, type, trial, message) => {
    expect(why(type, trial as typeof gpu)).toEqual([expect.stringMatching(message)]);
  });

  test('names those that can, cheapest first', () => {
    expect(why('g5.xlarge', gpu)[0]).toMatch(
      /; types that can hold it, cheapest first: g4dn\.2xlarge, g6\.2xlarge, g4dn\.4xlarge, g5\.2xlarge, .* and larger ones$/,
    );
    expect(why('g5', { ...gpu, memoryMiB: 4_000_000 } as unknown as typeof gpu)[0]).toMatch(
      /no instance type that Batch documents can hold a trial; lower vcpus/,
    );
  });

  test('each of a list that cannot, and not those that can', () => {
    const found = instanceProblems(['g5.xlarge', 'g5.2xlarge', 'p3'], gpu, 'amd64');
    expect(found.map(({ index }) => index)).toEqual([0, 2]);
  });

  test('x86 and ARM in one list', () => {
    expect(instanceProblems(['c7i', 'c7g'], cpu, 'own')).toEqual([
      { index: null, message: expect.stringMatching(/^received c7i, c7g, which mix x86 and ARM/) },
    ]);
  });
});

describe('let through', () => {
  test.each([
    ['a family with one size that fits', 'g5', four],
    ['the size itself', 'g4dn.12xlarge', four],
    ['machines with GPUs for trials that use none', 'g4dn.xlarge', cpu],
    ['families without GPUs, which the table does not know', 'c8i', cpu],
    ['their sizes, where the name tells enough', 'm7i-flex.xlarge', cpu],
    ['metal, of which the name tells nothing', 'c5.metal', cpu],
    ['sizes with less than all of their memory', 'm6i.xlarge', { ...cpu, memoryMiB: 16_000 }],
    ['compute families with more memory than their like', 'c5n.2xlarge', { ...cpu, memoryMiB: 20_000 }],
    ['families whose memory the letter does not tell', 'x2iedn.xlarge', { ...cpu, memoryMiB: 100_000 }],
  ])('%s', (_, type, trial) => {
    expect(why(type, trial as typeof cpu)).toEqual([]);
  });

  test.each(['x2iedn', 'im4gn', 'is4gen', 'g6e', 'gr6', 'i4g'])(
    "%s is ARM only when its name's letters say it",
    (family) => {
      expect(why(family, cpu).some((message) => /ARM/.test(message))).toBe(['im4gn', 'is4gen', 'i4g'].includes(family));
    },
  );

  test('ARM for an image of somebody who may have built it so', () => {
    expect(why(['c7g', 'm7g'], cpu, 'own')).toEqual([]);
  });
});
