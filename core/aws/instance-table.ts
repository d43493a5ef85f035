// EC2's machines with NVIDIA GPUs, as of 2026-07-20.
//
// vCPUs, memory, GPUs, NVMe, network, architecture: karpenter-provider-aws,
//   website/content/en/docs/reference/instance-types.md @1d927085, which was generated that day from DescribeInstanceTypes.
// Prices, on demand, Linux, us-east-1: the same repository, pkg/providers/pricing/zz_generated.pricing_aws.go, generated
//   2026-07-20T13:44:30Z. p5e has no list price there.
// Usable memory: MemTotal measured inside the instance, vantage-sh/ec2instances.info,
//   scraper/aws/ec2/extras/manually_fetched_data.json @4ef36cd2 (2025-12 to 2026-01).
// Whether Batch documents the family: https://docs.aws.amazon.com/batch/latest/userguide/gpu-jobs.html, late 2026.

/** The day that prices and sizes were read. */
export const INSTANCES_AS_OF = '2026-07-20';

export interface Instance {
  /** `g5.2xlarge` */
  readonly type: string;
  readonly vcpus: number;
  /** MiB that the instance is sold with. */
  readonly memoryMiB: number;
  /** MiB that Linux finds in it, which is what jobs can have; null where nobody measured it. */
  readonly usableMiB: number | null;
  /** `A10G` */
  readonly gpu: string;
  /** A fraction for a part of one GPU. */
  readonly gpus: number;
  /** MiB of each GPU. */
  readonly gpuMemoryMiB: number;
  /** GB of local NVMe, all drives together. */
  readonly nvmeGB: number;
  /** Mbit/s. */
  readonly networkMbps: number;
  readonly architecture: 'amd64' | 'arm64';
  /** Dollars an hour; null without a list price. */
  readonly onDemand: number | null;
  /** Whether Batch's guide lists the family among those with GPUs. */
  readonly batch: boolean;
}

type Row = readonly [
  string,
  number,
  number,
  number | null,
  string,
  number,
  number,
  number,
  number,
  'amd64' | 'arm64',
  number | null,
  boolean,
];

// In the order of the interface.
const ROWS: readonly Row[] = [
  ['g4dn.metal', 96, 393_216, 386_567, 'T4', 8, 16_384, 1800, 100_000, 'amd64', 7.824, true],
  ['g4dn.xlarge', 4, 16_384, 15_779, 'T4', 1, 16_384, 125, 5000, 'amd64', 0.526, true],
  ['g4dn.2xlarge', 8, 32_768, 31_714, 'T4', 1, 16_384, 225, 10_000, 'amd64', 0.752, true],
  ['g4dn.4xlarge', 16, 65_536, 63_584, 'T4', 1, 16_384, 225, 20_000, 'amd64', 1.204, true],
  ['g4dn.8xlarge', 32, 131_072, 127_420, 'T4', 1, 16_384, 900, 50_000, 'amd64', 2.176, true],
  ['g4dn.12xlarge', 48, 196_608, 191_162, 'T4', 4, 16_384, 900, 50_000, 'amd64', 3.912, true],
  ['g4dn.16xlarge', 64, 262_144, 255_154, 'T4', 1, 16_384, 900, 50_000, 'amd64', 4.352, true],
  ['g5.xlarge', 4, 16_384, 15_779, 'A10G', 1, 22_888, 250, 2500, 'amd64', 1.006, true],
  ['g5.2xlarge', 8, 32_768, 31_714, 'A10G', 1, 22_888, 450, 5000, 'amd64', 1.212, true],
  ['g5.4xlarge', 16, 65_536, 63_584, 'A10G', 1, 22_888, 600, 10_000, 'amd64', 1.624, true],
  ['g5.8xlarge', 32, 131_072, 127_420, 'A10G', 1, 22_888, 900, 25_000, 'amd64', 2.448, true],
  ['g5.12xlarge', 48, 196_608, 191_162, 'A10G', 4, 22_888, 3800, 40_000, 'amd64', 5.672, true],
  ['g5.16xlarge', 64, 262_144, 254_996, 'A10G', 1, 22_888, 1900, 25_000, 'amd64', 4.096, true],
  ['g5.24xlarge', 96, 393_216, 382_671, 'A10G', 4, 22_888, 3800, 50_000, 'amd64', 8.144, true],
  ['g5.48xlarge', 192, 786_432, 765_848, 'A10G', 8, 22_888, 7600, 100_000, 'amd64', 16.288, true],
  ['g6.xlarge', 4, 16_384, 15_359, 'L4', 1, 22_888, 250, 2500, 'amd64', 0.8048, true],
  ['g6.2xlarge', 8, 32_768, 30_874, 'L4', 1, 22_888, 450, 5000, 'amd64', 0.9776, true],
  ['g6.4xlarge', 16, 65_536, 61_904, 'L4', 1, 22_888, 600, 10_000, 'amd64', 1.3232, true],
  ['g6.8xlarge', 32, 131_072, 124_060, 'L4', 1, 22_888, 900, 25_000, 'amd64', 2.0144, true],
  ['g6.12xlarge', 48, 196_608, 186_122, 'L4', 4, 22_888, 3760, 40_000, 'amd64', 4.6016, true],
  ['g6.16xlarge', 64, 262_144, 248_276, 'L4', 1, 22_888, 1880, 25_000, 'amd64', 3.3968, true],
  ['g6.24xlarge', 96, 393_216, 372_591, 'L4', 4, 22_888, 3760, 50_000, 'amd64', 6.6752, true],
  ['g6.48xlarge', 192, 786_432, 745_688, 'L4', 8, 22_888, 7520, 100_000, 'amd64', 13.3504, true],
  ['g6e.xlarge', 4, 32_768, 31_631, 'L40S', 1, 45_776, 250, 2500, 'amd64', 1.861, true],
  ['g6e.2xlarge', 8, 65_536, 63_418, 'L40S', 1, 45_776, 450, 5000, 'amd64', 2.24208, true],
  ['g6e.4xlarge', 16, 131_072, 127_088, 'L40S', 1, 45_776, 600, 20_000, 'amd64', 3.00424, true],
  ['g6e.8xlarge', 32, 262_144, 254_332, 'L40S', 1, 45_776, 900, 25_000, 'amd64', 4.52856, true],
  ['g6e.12xlarge', 48, 393_216, 381_674, 'L40S', 4, 45_776, 3800, 100_000, 'amd64', 10.49264, true],
  ['g6e.16xlarge', 64, 524_288, 509_012, 'L40S', 1, 45_776, 1900, 35_000, 'amd64', 7.57719, true],
  ['g6e.24xlarge', 96, 786_432, 763_503, 'L40S', 4, 45_776, 3800, 200_000, 'amd64', 15.06559, true],
  ['g6e.48xlarge', 192, 1_572_864, 1_527_831, 'L40S', 8, 45_776, 7600, 400_000, 'amd64', 30.13118, true],
  ['g6f.large', 2, 8192, 7601, 'L4', 0.125, 2861, 100, 1500, 'amd64', 0.202, false],
  ['g6f.xlarge', 4, 16_384, 15_359, 'L4', 0.125, 2861, 100, 2500, 'amd64', 0.2375, false],
  ['g6f.2xlarge', 8, 32_768, 30_874, 'L4', 0.25, 5722, 200, 5000, 'amd64', 0.475, false],
  ['g6f.4xlarge', 16, 65_536, 61_904, 'L4', 0.5, 11_444, 450, 10_000, 'amd64', 0.95, false],
  ['g7.2xlarge', 8, 32_768, 30_792, 'RTX PRO 4500', 1, 32_768, 440, 60_000, 'amd64', 2.52, false],
  ['g7.4xlarge', 16, 65_536, 61_738, 'RTX PRO 4500', 1, 32_768, 875, 60_000, 'amd64', 3.04208, false],
  ['g7.8xlarge', 32, 131_072, 123_726, 'RTX PRO 4500', 1, 32_768, 930, 80_000, 'amd64', 4.08624, false],
  ['g7.12xlarge', 48, 196_608, 185_618, 'RTX PRO 4500', 2, 32_768, 1900, 175_000, 'amd64', 7.12832, false],
  ['g7.24xlarge', 96, 393_216, 371_583, 'RTX PRO 4500', 4, 32_768, 3800, 350_000, 'amd64', 14.25664, false],
  ['g7.48xlarge', 192, 786_432, 743_672, 'RTX PRO 4500', 8, 32_768, 7600, 700_000, 'amd64', 28.51328, false],
  ['g7e.2xlarge', 8, 65_536, 63_756, 'RTX PRO 6000', 1, 98_304, 1900, 50_000, 'amd64', 3.36312, false],
  ['g7e.4xlarge', 16, 131_072, 127_762, 'RTX PRO 6000', 1, 98_304, 1900, 50_000, 'amd64', 3.99816, false],
  ['g7e.8xlarge', 32, 262_144, 255_678, 'RTX PRO 6000', 1, 98_304, 1900, 100_000, 'amd64', 5.26824, false],
  ['g7e.12xlarge', 48, 524_288, 511_706, 'RTX PRO 6000', 2, 98_304, 3800, 400_000, 'amd64', 8.28608, false],
  ['g7e.24xlarge', 96, 1_048_576, 1_023_534, 'RTX PRO 6000', 4, 98_304, 7600, 800_000, 'amd64', 16.57216, false],
  ['g7e.48xlarge', 192, 2_097_152, 2_047_959, 'RTX PRO 6000', 8, 98_304, 15_200, 1_600_000, 'amd64', 33.14432, false],
  ['gr6.4xlarge', 16, 131_072, 124_064, 'L4', 1, 22_888, 600, 10_000, 'amd64', 1.5392, true],
  ['gr6.8xlarge', 32, 262_144, 248_284, 'L4', 1, 22_888, 900, 25_000, 'amd64', 2.4464, true],
  ['gr6f.4xlarge', 16, 131_072, 124_064, 'L4', 0.5, 11_444, 450, 10_000, 'amd64', 1.066, false],
  ['p4d.24xlarge', 96, 1_179_648, 1_148_726, 'A100', 8, 40_960, 8000, 400_000, 'amd64', 21.957642, true],
  ['p4de.24xlarge', 96, 1_179_648, 1_148_726, 'A100', 8, 81_920, 8000, 400_000, 'amd64', 27.44705, true],
  ['p5.4xlarge', 16, 262_144, null, 'H100', 1, 81_920, 3800, 100_000, 'amd64', 6.88, true],
  ['p5.48xlarge', 192, 2_097_152, 2_047_959, 'H100', 8, 81_920, 30_400, 3_200_000, 'amd64', 55.04, true],
  ['p5e.48xlarge', 192, 2_097_152, 2_039_767, 'H200', 8, 144_384, 30_400, 3_200_000, 'amd64', null, true],
  ['p5en.48xlarge', 192, 2_097_152, null, 'H200', 8, 144_384, 30_400, 3_200_000, 'amd64', 63.296, true],
  ['p6-b200.48xlarge', 192, 2_097_152, 2_043_927, 'B200', 8, 183_359, 30_400, 3_200_000, 'amd64', 113.9328, true],
  ['p6-b300.48xlarge', 192, 4_194_304, null, 'B300', 8, 275_040, 30_400, 6_400_000, 'amd64', 142.416, false],
];

export const INSTANCES: readonly Instance[] = ROWS.map(
  ([
    type,
    vcpus,
    memoryMiB,
    usableMiB,
    gpu,
    gpus,
    gpuMemoryMiB,
    nvmeGB,
    networkMbps,
    architecture,
    onDemand,
    batch,
  ]): Instance => ({
    type,
    vcpus,
    memoryMiB,
    usableMiB,
    gpu,
    gpus,
    gpuMemoryMiB,
    nvmeGB,
    networkMbps,
    architecture,
    onDemand,
    batch,
  }),
);
