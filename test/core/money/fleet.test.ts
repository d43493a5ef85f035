import { expect, test } from 'vitest';
import { fleetOf, ownFleet, type ProfileFleet } from '../../../core/money/fleet.ts';
import type { PriceBook } from '../../../core/money/prices.ts';

const book: PriceBook = { region: 'us-east-1', asked: null, own: null };
const gpu: ProfileFleet = {
  ...{ gpus: 1, vcpus: 8, memoryMiB: 29_000, maxVcpus: 64 },
  instanceTypes: ['g5.2xlarge', 'g4dn.2xlarge', 'g5.12xlarge'],
  spot: true,
};

test('a fleet is quoted on the cheapest machine a trial, and at most on the dearest one on demand', () => {
  const fleet = fleetOf(gpu, book)!;
  expect(fleet.expected).toMatchObject({ type: 'g4dn.2xlarge', purchase: 'spot', trials: 1 });
  expect(fleet.expected.price.dollars).toBeCloseTo(0.29328, 5);
  expect(fleet.dear).toMatchObject({ type: 'g5.12xlarge', purchase: 'spot', trials: 4 });
  expect(fleet.worst).toMatchObject({ type: 'g5.12xlarge', purchase: 'onDemand', price: { dollars: 5.672 } });
  expect(fleet.atOnce).toBe(8);
});

test('without Spot both are on demand, and with nothing but Spot neither is', () => {
  const types = (spot: ProfileFleet['spot']) => {
    const { expected, worst } = fleetOf({ ...gpu, spot }, book)!;
    return [expected.purchase, worst.purchase];
  };
  expect(types(false)).toEqual(['onDemand', 'onDemand']);
  expect(types('only')).toEqual(['spot', 'spot']);
});

test('of sizes that cost the same a trial, the smallest is quoted', () => {
  const cpu = { ...gpu, gpus: 0, vcpus: 4, memoryMiB: 7000, instanceTypes: ['c6i', 'm6i'] };
  const { expected, worst, atOnce } = fleetOf(cpu, book)!;
  expect([expected.type, expected.trials, expected.price.kind]).toEqual(['c6i.xlarge', 1, 'limit']);
  expect(worst.price.dollars / worst.trials).toBeGreaterThanOrEqual(0.192);
  expect(atOnce).toBe(16);
});

test('a machine without a price is passed over, and a fleet of none has no quote', () => {
  const large = { ...gpu, gpus: 8, memoryMiB: 1_000_000, vcpus: 96 };
  expect(fleetOf({ ...large, instanceTypes: ['p5e', 'p5en'], maxVcpus: 192 }, book)!.worst.type).toBe('p5en.48xlarge');
  expect(fleetOf({ ...large, instanceTypes: ['p5e'] }, book)).toBeNull();
});

test('a machine of one’s own is one machine for all slots, if somebody says its price', () => {
  expect(ownFleet(4, { ...book, own: 2 })).toMatchObject({ atOnce: 4, expected: { trials: 4, price: { dollars: 2 } } });
  expect(ownFleet(4, book)).toBeNull();
});
