import { largestOf } from '../base/numbers.ts';
import type { TrialMetadata } from '../trial/collected.ts';
import { MAX_LANES } from '../trial/lanes.ts';
import { MIN_SAMPLES, trialsThatFit } from '../trial/room.ts';
import type { GpuUsage, Usage } from '../trial/usage.ts';

type Used = Pick<TrialMetadata, 'usage' | 'peakMemory'>;

/** A GPU that waits less than this gets its data fast enough. */
const NOTABLE_WAIT = 0.2;
const IDLE_BELOW = 70;
const CORES_BUSY = 0.9;
const GB = 1e9;

/** What the trials left unused on their machines, with numbers; one sentence of each kind. GPUs are described as devices. */
export function usageHints(trials: readonly Used[]): string[] {
  const { usage, peakHost } = together(trials);
  const { gpu, dataWait } = usage;
  if (gpu === undefined || gpu.samples < MIN_SAMPLES) return [];
  // What several trials do together does not tell how many more would fit, and lanes share one GPU.
  const isShared = gpu.devices > 1 || trials.some((trial) => trial.usage?.shared);
  const fit = isShared ? null : trialsThatFit(usage, peakHost === undefined ? {} : { host: peakHost });
  return [
    ...waitHints(usage, gpu, dataWait),
    ...(fit === null || fit < 2
      ? []
      : [
          `${gpuText(gpu)}: ${countText(fit)} such trials fit on it at once; set compute.trialsPerGpu: ${Math.min(MAX_LANES, fit)}`,
        ]),
  ];
}

function waitHints({ cores }: Usage, { busy }: GpuUsage, dataWait: number | undefined): string[] {
  const areBusy = cores !== undefined && cores.busy >= CORES_BUSY * cores.given;
  const coresText = cores === undefined ? '' : `${oneDecimal(cores.busy)} of ${cores.given} cores were busy`;
  const remedy = areBusy
    ? `${coresText}: choose a profile with more vCPUs, or prepare the data once`
    : `${coresText === '' ? '' : `${coresText}: `}let more workers load the data`;
  if (dataWait !== undefined && dataWait >= NOTABLE_WAIT)
    return [`the GPU waited for data ${Math.round(100 * dataWait)} % of the time; ${remedy}`];
  if (dataWait === undefined && areBusy && busy !== undefined && busy.mean < IDLE_BELOW)
    return [`the GPU was idle ${Math.round(100 - busy.mean)} % of the time, and ${remedy}`];
  return [];
}

/** `GPU 23 % busy, 3.1 of 24.1 GB` */
export function gpuText({ busy, memory }: GpuUsage): string {
  const parts = [
    ...(busy === undefined ? [] : [`${Math.round(busy.mean)} % busy`]),
    ...(memory === undefined ? [] : [`${oneDecimal(memory.peak / GB)} of ${oneDecimal(memory.total / GB)} GB`]),
  ];
  return `GPU ${parts.length === 0 ? 'tells neither time nor memory' : parts.join(', ')}`;
}

/** `GPU 23 % busy, 3.1 of 24.1 GB; 1.2 of 4 cores busy; waited for data 61 % of the time` */
export function usageText({ gpu, cores, dataWait }: Usage): string {
  return [
    ...(gpu === undefined ? [] : [gpuText(gpu)]),
    ...(cores === undefined ? [] : [`${oneDecimal(cores.busy)} of ${cores.given} cores busy`]),
    ...(dataWait === undefined ? [] : [`waited for data ${Math.round(100 * dataWait)} % of the time`]),
  ].join('; ');
}

/** All trials combined: the mean of means, and the maximum of what has to fit. */
function together(trials: readonly Used[]): { readonly usage: Usage; readonly peakHost: number | undefined } {
  const usages = trials.flatMap(({ usage }) => (usage === undefined ? [] : [usage]));
  const gpus = usages.flatMap(({ gpu }) => (gpu === undefined ? [] : [gpu]));
  const samples = sum(gpus.map((gpu) => gpu.samples));
  const timed = gpus.flatMap(({ samples, busy }) => (busy === undefined ? [] : [{ samples, busy }]));
  const busySamples = sum(timed.map((gpu) => gpu.samples));
  const memory = most(
    gpus.flatMap(({ memory }) => (memory === undefined ? [] : [memory])),
    ({ peak, total }) => peak / total,
  );
  const waits = usages.flatMap(({ dataWait }) => (dataWait === undefined ? [] : [dataWait]));
  const cores = most(
    usages.flatMap(({ cores }) => (cores === undefined ? [] : [cores])),
    ({ busy, given }) => busy / given,
  );
  const hostMemory = usages.find((usage) => usage.hostMemory !== undefined)?.hostMemory;
  const hosts = trials.flatMap(({ peakMemory }) => (peakMemory?.host === undefined ? [] : [peakMemory.host]));
  const gpu: GpuUsage | undefined =
    samples === 0
      ? undefined
      : {
          devices: largestOf(gpus.map(({ devices }) => devices)),
          samples,
          ...(busySamples === 0
            ? {}
            : {
                busy: {
                  mean: sum(timed.map(({ samples, busy }) => samples * busy.mean)) / busySamples,
                  peak: largestOf(timed.map(({ busy }) => busy.peak)),
                },
              }),
          ...(memory === undefined ? {} : { memory }),
        };
  return {
    usage: {
      ...(gpu === undefined ? {} : { gpu }),
      ...(cores === undefined ? {} : { cores }),
      ...(hostMemory === undefined ? {} : { hostMemory }),
      ...(waits.length === 0 ? {} : { dataWait: sum(waits) / waits.length }),
    },
    peakHost: hosts.length === 0 ? undefined : hosts.reduce((a, b) => Math.max(a, b)),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function most<T>(items: readonly T[], of: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || of(item) > of(best) ? item : best),
    undefined,
  );
}

const oneDecimal = (value: number): string => String(Math.round(value * 10) / 10);

const WORDS = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const countText = (count: number): string => WORDS[count - 2] ?? String(count);
