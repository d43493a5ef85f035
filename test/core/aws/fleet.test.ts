import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trialsAtOnce, trialsOn, typesOfFamilies, vcpusFor, wholeInstance } from '../../../core/aws/fleet.ts';
import { INSTANCES } from '../../../core/aws/instance-table.ts';
import { holds } from '../../../core/aws/instances.ts';
import { DEFAULT_PROFILES } from '../../../core/aws/profiles.ts';

const { gpu, cpu } = DEFAULT_PROFILES;
const four = DEFAULT_PROFILES['multi-gpu'];
const small = { gpus: 1, vcpus: 4, memoryMiB: 14_000 };
const FAMILIES = ['g4dn', 'g5', 'g6', 'gr6', 'g6e'];
const instance = (type: string) => INSTANCES.find((each) => each.type === type)!;

describe('the sizes of families for a profile', () => {
  test.each([
    ['one GPU', gpu, 'g4dn.2xlarge', ['g5.2xlarge', 'gr6.4xlarge', 'g6e.2xlarge'], ['g5.16xlarge', 'g5.12xlarge']],
    ['one GPU in 4 vCPUs', small, 'g4dn.xlarge', ['g5.xlarge', 'g6.xlarge'], ['g6e.xlarge', 'g4dn.16xlarge']],
    ['four GPUs', four, 'g4dn.12xlarge', ['g5.12xlarge', 'g6e.12xlarge'], ['g5.48xlarge', 'g6e.24xlarge']],
  ])('of %s begin with the cheapest and end at three times its price', (_, trial, cheapest, among, beyond) => {
    const types = typesOfFamilies(FAMILIES, trial);
    expect(types[0]).toBe(cheapest);
    expect(types).toEqual(expect.arrayContaining(among));
    for (const type of beyond) expect(types).not.toContain(type);
  });

  test('all hold a trial, whatever it asks for', () => {
    const sizes = fc.record({
      gpus: fc.integer({ min: 1, max: 8 }),
      vcpus: fc.integer({ min: 1, max: 192 }),
      memoryMiB: fc.integer({ min: 256, max: 800_000 }),
    });
    fc.assert(
      fc.property(sizes, (trial) => {
        for (const type of typesOfFamilies(FAMILIES, trial)) expect(holds(instance(type), trial), type).toBe(true);
      }),
    );
  });

  test('stay as they are where types are named', () => {
    expect(typesOfFamilies(['g5.12xlarge', 'g5.2xlarge'], gpu)).toEqual(['g5.12xlarge', 'g5.2xlarge']);
  });

  test('stand behind the types that are named beside them', () => {
    expect(typesOfFamilies(['g6', 'g5.2xlarge'], gpu).slice(0, 2)).toEqual(['g5.2xlarge', 'g6.2xlarge']);
  });
});

describe('an instance', () => {
  test.each([
    ['g4dn.12xlarge', gpu, 4],
    ['g4dn.16xlarge', gpu, 1],
    ['g4dn.12xlarge', { ...gpu, vcpus: 24 }, 2],
    ['g4dn.12xlarge', { ...gpu, memoryMiB: 70_000 }, 2],
    ['g4dn.12xlarge', four, 1],
  ])('%s holds as many trials of %o as GPUs, vCPUs and memory allow', (type, trial, expected) => {
    expect(trialsOn(instance(type), trial)).toBe(expected);
  });

  test('of a fleet is the one that is cheapest for a trial', () => {
    expect(wholeInstance(['g5', 'g4dn'], gpu)).toEqual({
      type: 'g4dn.2xlarge',
      vcpus: 8,
      trials: 1,
      dollarsPerTrialHour: 0.752,
    });
  });

  test('is not known without GPUs', () => {
    expect(wholeInstance(['c6i', 'm6i'], cpu)).toBe(null);
  });
});

describe('vCPUs', () => {
  const whole = wholeInstance(['g4dn'], four);

  test('are counted by whole instances', () => {
    expect(vcpusFor(2, whole, four, 256)).toBe(96);
    expect(vcpusFor(2, null, cpu, 256)).toBe(8);
  });

  test('end at the limit of the fleet, which holds an instance at least', () => {
    expect(vcpusFor(1000, whole, four, 256)).toBe(256);
    expect(vcpusFor(1000, whole, four, 32)).toBe(48);
  });

  test('decide how many trials run at once', () => {
    expect(trialsAtOnce(whole, four, 256)).toBe(5);
    expect(trialsAtOnce(whole, four, 32)).toBe(1);
    expect(trialsAtOnce(null, cpu, 256)).toBe(64);
  });
});
