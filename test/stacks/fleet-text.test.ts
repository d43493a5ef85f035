import { expect, test } from 'vitest';
import { DEFAULT_PROFILES } from '../../core/aws/profiles.ts';
import { fleetText } from '../../stacks/fleet-text.ts';

const { gpu, cpu } = DEFAULT_PROFILES;

test('a line a profile: trials at once by purchase option, and the price of each type', () => {
  expect(
    fleetText({
      gpu: { ...gpu, instanceTypes: ['g4dn.2xlarge', 'g5'], maxVcpus: 256 },
      'on-demand': { ...gpu, spot: false, instanceTypes: ['g4dn.12xlarge'], maxVcpus: 100 },
      cpu: { ...cpu, spot: 'only', instanceTypes: ['c6i', 'm6i'], maxVcpus: 256 },
    }).split('\n'),
  ).toEqual([
    'Profiles; dollars are list prices per trial and hour, on demand in us-east-1, of 2026-07-20:',
    '  gpu        up to 32 on Spot and 32 on demand at once; g4dn.2xlarge $0.75, g5 from $1.21',
    '  on-demand  up to 8 on demand at once; g4dn.12xlarge $0.98',
    '  cpu        up to 64 on Spot at once; c6i, m6i',
  ]);
});
