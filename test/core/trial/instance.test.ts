import { expect, test } from 'vitest';
import { counted, type Instance, type InstanceCounts, instanceText, mostFirst } from '../../../core/trial/instance.ts';

const SPOT = { type: 'g4dn.2xlarge', purchase: 'spot', zone: 'us-east-1a' };

test.each([
  ['Spot g4dn.2xlarge us-east-1a', SPOT],
  ['on-demand g4dn.2xlarge us-east-1a', { ...SPOT, purchase: 'on-demand' }],
  ['capacity-block g4dn.2xlarge us-east-1a', { ...SPOT, purchase: 'capacity-block' }],
])('an instance in words: %s', (text, instance) => {
  expect(instanceText(instance)).toBe(text);
});

test('trials are counted by type, purchase and zone, most first; those that tell of none are not', () => {
  const elsewhere = { ...SPOT, zone: 'us-east-1b' };
  const bought = { ...SPOT, purchase: 'on-demand' };
  const all: (Instance | undefined)[] = [elsewhere, bought, SPOT, undefined, SPOT];
  const counts = all.reduce(counted, {} as InstanceCounts);
  expect(mostFirst(counts)).toEqual([
    { instance: SPOT, trials: 2 },
    { instance: elsewhere, trials: 1 },
    { instance: bought, trials: 1 },
  ]);
});
