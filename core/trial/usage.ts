import * as z from 'zod';
import type { EpochMetrics } from './numbering.ts';

const meanAndPeak = z.object({ mean: z.number(), peak: z.number() });

/** How busy an attempt kept its machine. A GPU is told of as a device: all that ran on it counts, not this trial alone. */
export const usageSchema = z.object({
  gpu: z
    .object({
      devices: z.int().min(1),
      samples: z.int().min(1),
      /** Percent of the time in which a kernel ran; MIG tells none. */
      busy: meanAndPeak.optional(),
      /** Bytes, of the device that was fullest. */
      memory: z.object({ peak: z.number(), total: z.number() }).optional(),
      watts: meanAndPeak.optional(),
      celsius: z.object({ peak: z.number() }).optional(),
    })
    .optional(),
  /** `busy`: cores that the program kept busy on average; `given`: those that were its own. */
  cores: z.object({ busy: z.number(), given: z.number() }).optional(),
  /** Bytes of memory that its container has; none where it shares a machine's with others. */
  hostMemory: z.number().optional(),
  /** Others trained beside it, so that what is told of its GPUs is of all of them. */
  shared: z.literal(true).optional(),
  /** Share (0 to 1) of its epochs in which the program says it waited for data: `data_wait` of its metrics. */
  dataWait: z.number().optional(),
});
export type Usage = z.output<typeof usageSchema>;
export type GpuUsage = NonNullable<Usage['gpu']>;

/** What nvidia-smi is asked for, in the order of the columns. `nvidia-smi --help-query-gpu` explains them. */
export const GPU_QUERY =
  '--query-gpu=index,uuid,utilization.gpu,memory.used,memory.total,power.draw,temperature.gpu' as const;

/** One device at one moment; what it does not tell is left out. */
export const gpuSampleSchema = z.object({
  index: z.string(),
  uuid: z.string(),
  /** Percent. */
  busy: z.number().optional(),
  /** Bytes. */
  memory: z.object({ used: z.number(), total: z.number() }).optional(),
  watts: z.number().optional(),
  celsius: z.number().optional(),
});
export type GpuSample = Readonly<z.output<typeof gpuSampleSchema>>;

/** The latest sample of each device. */
export const withLatest = (samples: readonly GpuSample[], sample: GpuSample): GpuSample[] => [
  ...samples.filter(({ uuid }) => uuid !== sample.uuid),
  sample,
];

const MIB = 1024 * 1024;

/**
 * A line of that query as `csv,noheader,nounits`; null: it is none, as a sentence about a missing driver. What a device does
 * not tell stands there as [N/A], [Not Supported] or, of MIG in a container, [Insufficient Permissions].
 */
export function parseGpuSample(line: string): GpuSample | null {
  const [index = '', uuid = '', ...cells] = line.split(',').map((cell) => cell.trim());
  if (!/^[0-9]+$/.test(index) || !uuid.startsWith('GPU-') || cells.length !== 5) return null;
  const [busy, used, total, watts, celsius] = cells.map((cell) =>
    /^[0-9]+(\.[0-9]+)?$/.test(cell) ? Number(cell) : undefined,
  );
  return {
    index,
    uuid,
    ...(busy === undefined ? {} : { busy }),
    ...(used === undefined || total === undefined ? {} : { memory: { used: used * MIB, total: total * MIB } }),
    ...(watts === undefined ? {} : { watts }),
    ...(celsius === undefined ? {} : { celsius }),
  };
}

/** Whether a device is one of these, which are named by number or by the beginning of a UUID, as CUDA_VISIBLE_DEVICES does. */
export const isNamed = (gpus: readonly string[], index: string | undefined, uuid: string | undefined): boolean =>
  gpus.some((gpu) => gpu === index || (gpu.startsWith('GPU-') && uuid?.startsWith(gpu) === true));

/** Numbers as they come. */
export interface Tally {
  readonly count: number;
  readonly sum: number;
  readonly peak: number;
}

/** Samples of a trial's devices as they come. */
export interface GpuTally {
  readonly devices: readonly string[];
  readonly samples: number;
  readonly busy: Tally;
  readonly watts: Tally;
  readonly celsius: Tally;
  readonly memory: { readonly peak: number; readonly total: number } | null;
}

const NONE: Tally = { count: 0, sum: 0, peak: 0 };
export const NO_SAMPLES: GpuTally = {
  ...{ devices: [], samples: 0, busy: NONE, watts: NONE, celsius: NONE, memory: null },
};

const counted = (tally: Tally, value: number | undefined): Tally =>
  value === undefined ? tally : { count: tally.count + 1, sum: tally.sum + value, peak: Math.max(tally.peak, value) };

export function withSample(tally: GpuTally, { uuid, busy, memory, watts, celsius }: GpuSample): GpuTally {
  const isFuller = memory !== undefined && memory.used >= (tally.memory?.peak ?? 0);
  return {
    devices: tally.devices.includes(uuid) ? tally.devices : [...tally.devices, uuid],
    samples: tally.samples + 1,
    busy: counted(tally.busy, busy),
    watts: counted(tally.watts, watts),
    celsius: counted(tally.celsius, celsius),
    memory: isFuller ? { peak: memory.used, total: memory.total } : tally.memory,
  };
}

/** Undefined: nothing was seen of them. */
export function gpuUsage({ devices, samples, busy, watts, celsius, memory }: GpuTally): GpuUsage | undefined {
  if (samples === 0) return undefined;
  const summary = ({ count, sum, peak }: Tally) => ({ mean: tenth(sum / count), peak: tenth(peak) });
  return {
    devices: devices.length,
    samples,
    ...(busy.count === 0 ? {} : { busy: summary(busy) }),
    ...(memory === null ? {} : { memory }),
    ...(watts.count === 0 ? {} : { watts: summary(watts) }),
    ...(celsius.count === 0 ? {} : { celsius: { peak: celsius.peak } }),
  };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** The mean of what a program reports as `data_wait`, a share of each epoch; undefined: it reports none. */
export function dataWaitOf(epochs: readonly EpochMetrics[]): number | undefined {
  const shares = epochs.flatMap(({ values: { data_wait: share } }) =>
    typeof share === 'number' && share >= 0 && share <= 1 ? [share] : [],
  );
  if (shares.length === 0) return undefined;
  return Math.round((shares.reduce((sum, share) => sum + share, 0) / shares.length) * 1000) / 1000;
}
