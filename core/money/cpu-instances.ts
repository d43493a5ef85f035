import type { Instance } from '../aws/instance-table.ts';

// The x86 families that profiles without GPUs take unless they name others.
//
// Prices, on demand, Linux, us-east-1: karpenter-provider-aws, pkg/providers/pricing/zz_generated.pricing_aws.go @031e72b6,
//   generated 2026-01-19T13:23:24Z. vCPUs and memory follow the names: https://aws.amazon.com/ec2/instance-types/

/** The day that these prices were read. */
export const CPU_PRICES_AS_OF = '2026-01-19';

const SIZES: readonly (readonly [size: string, vcpus: number])[] = [
  ['large', 2],
  ['xlarge', 4],
  ['2xlarge', 8],
  ['4xlarge', 16],
  ['8xlarge', 32],
  ['12xlarge', 48],
  ['16xlarge', 64],
  ['24xlarge', 96],
  ['32xlarge', 128],
  ['metal', 128],
];

/** MiB and dollars an hour of each vCPU: within a family both are in proportion. */
const FAMILIES: readonly (readonly [family: string, memoryMiB: number, onDemand: number])[] = [
  ['c6i', 2048, 0.0425],
  ['m6i', 4096, 0.048],
];

export const CPU_INSTANCES: readonly Instance[] = FAMILIES.flatMap(([family, memoryMiB, onDemand]) =>
  SIZES.map(
    ([size, vcpus]): Instance => ({
      type: `${family}.${size}`,
      vcpus,
      memoryMiB: vcpus * memoryMiB,
      usableMiB: null,
      gpu: '',
      gpus: 0,
      gpuMemoryMiB: 0,
      nvmeGB: 0,
      networkMbps: 0,
      architecture: 'amd64',
      onDemand: Math.round(vcpus * onDemand * 1e6) / 1e6,
      batch: true,
    }),
  ),
);
