import type { PeakMemory } from './memory.ts';
import type { Usage } from './usage.ts';

/** Of memory, a tenth stays free: peaks differ from trial to trial, and an allocator needs room. */
const USABLE = 0.9;

/** Fewer samples, ten seconds apart, are of the programs' starts more than of their training. */
export const MIN_SAMPLES = 6;

/**
 * Whether the usage tells what one trial takes of one GPU, or of the cores where it has none: what several trials do
 * together does not tell how many more would fit, and lanes share one GPU.
 */
export const tellsEnough = ({ gpu, shared }: Usage): boolean =>
  shared === undefined && (gpu === undefined || (gpu.devices === 1 && gpu.samples >= MIN_SAMPLES));

/**
 * How many trials such as this fit on its GPUs at once: what they take of the GPUs' memory and time, of the cores and of
 * the host's memory, whichever runs out first; at least 1. Null: the GPU does not tell enough, as MIG.
 * @param hasGpu whether it trains on one; else its cores and the host's memory tell
 */
export function trialsThatFit({ gpu, cores, hostMemory }: Usage, { host }: PeakMemory, hasGpu = true): number | null {
  const isKnown = hasGpu ? gpu?.busy !== undefined && gpu.memory !== undefined : cores !== undefined;
  if (!isKnown) return null;
  const rooms = [
    ...(gpu?.memory === undefined ? [] : [[USABLE * gpu.memory.total, gpu.memory.peak] as const]),
    ...(gpu?.busy === undefined ? [] : [[100, gpu.busy.mean] as const]),
    ...(cores === undefined ? [] : [[cores.given, cores.busy] as const]),
    ...(hostMemory === undefined || host === undefined ? [] : [[USABLE * hostMemory, host] as const]),
  ];
  const fit = Math.min(...rooms.flatMap(([there, taken]) => (taken > 0 ? [Math.floor(there / taken)] : [])));
  return Number.isFinite(fit) ? Math.max(1, fit) : null;
}
