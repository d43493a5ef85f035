import { trialsOn } from '../aws/fleet.ts';
import type { TrialSize } from '../aws/instances.ts';
import type { Instance } from '../trial/instance.ts';
import type { PeakMemory } from '../trial/memory.ts';
import type { TrialResult } from '../trial/result.ts';
import { tellsEnough, trialsThatFit } from '../trial/room.ts';
import { PRICED_INSTANCES, type Price, type PriceBook, pricesBy } from './prices.ts';
import { BESIDE_AN_HOUR } from './rates.ts';

/** What one epoch of a trial took on a machine, and what it would cost with the machine's other slots taken. */
export interface MeasuredEpoch {
  /** Null: not an EC2 instance, or it did not tell. */
  readonly instance: Instance | null;
  /** Of the program, its start included; without fetching source and data, which a machine does once. */
  readonly seconds: number;
  /** Null: no price is known. */
  readonly dollars: number | null;
  /** Of an hour of the whole machine. */
  readonly price: Price | null;
  /** Trials of this profile that the machine holds at once; they share its price. */
  readonly slots: number;
  readonly peakMemory: PeakMemory;
  /** Bytes of memory of its fullest GPU; null: none, or not told. */
  readonly gpuMemory: number | null;
  /** Such trials that would fit on one of its GPUs (without GPUs, in its slot) at once; null: it was too short to tell, or no device did. */
  readonly fit: number | null;
}

/** Of a shorter program, the cores tell more of its start than of its training. */
const TELLING_SECONDS = 60;
const MIB = 1024 * 1024;

/** One profile that a trial was tried on. */
export interface TriedProfile {
  readonly profile: string;
  /** no-machine: its trial had not started when the wait was over. */
  readonly status: 'succeeded' | 'failed' | 'interrupted' | 'no-machine';
  readonly failure: { readonly class: string; readonly reason: string } | null;
  /** From the start to that of its program's attempt: capacity, boot and image. Null: it did not start. */
  readonly waitedSeconds: number | null;
  /** Null: no epoch was trained. */
  readonly epoch: MeasuredEpoch | null;
}

/**
 * What an attempt that succeeded tells of the machine it ran on. `size`: of its profile; null: it had the machine to itself.
 * `book`: what is known of the prices of a region.
 */
export function measuredEpoch(
  { facts }: { readonly facts: Pick<TrialResult['facts'], 'instance' | 'usage' | 'peakMemory' | 'phases' | 'seconds'> },
  size: TrialSize | null,
  book: (region: string) => PriceBook,
): MeasuredEpoch {
  const { instance, usage = {}, peakMemory = {}, phases, seconds } = facts;
  const known = PRICED_INSTANCES.find(({ type }) => type === instance?.type);
  const slots = known === undefined || size === null ? 1 : Math.max(1, trialsOn(known, size));
  const price = pricesBy(book)(instance);
  const hasGpu = size === null ? usage.gpu !== undefined : size.gpus > 0;
  const listed = hasGpu && known !== undefined ? known.gpuMemoryMiB * MIB : null;
  const trained = phases?.training ?? seconds;
  const beside = instance === undefined ? 0 : BESIDE_AN_HOUR;
  return {
    instance: instance ?? null,
    seconds: trained,
    dollars: price === null ? null : ((price.dollars + beside) * trained) / 3600 / slots,
    price,
    slots,
    peakMemory,
    gpuMemory: usage.gpu?.memory?.total ?? listed,
    fit: tellsEnough(usage) && (hasGpu || trained >= TELLING_SECONDS) ? trialsThatFit(usage, peakMemory, hasGpu) : null,
  };
}

/** The profiles with the lowest dollars and the fewest seconds an epoch; of equal ones the first. Null: none tells. */
export function rightMachines(tried: readonly TriedProfile[]): {
  readonly cheapest: string | null;
  readonly fastest: string | null;
} {
  return { cheapest: leastBy(tried, ({ dollars }) => dollars), fastest: leastBy(tried, ({ seconds }) => seconds) };
}

function leastBy(tried: readonly TriedProfile[], of: (epoch: MeasuredEpoch) => number | null): string | null {
  let least: { readonly profile: string; readonly amount: number } | null = null;
  for (const { profile, status, epoch } of tried) {
    const amount = status === 'succeeded' && epoch !== null ? of(epoch) : null;
    if (amount !== null && (least === null || amount < least.amount)) least = { profile, amount };
  }
  return least?.profile ?? null;
}
