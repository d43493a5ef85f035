import type { Machine } from '../../../core/money/fleet.ts';
import { BESIDE_AN_HOUR, LOGS_AN_ATTEMPT, START_SECONDS, TAIL_SECONDS } from '../../../core/money/rates.ts';

export interface SimulatedSweep {
  readonly seed: number;
  readonly trials: number;
  /** One after the other; instances end between them. */
  readonly rounds: number;
  readonly machine: Machine;
  readonly atOnce: number;
  /** Mean seconds between two bursts that take instances back; null: none are. */
  readonly reclaimEvery: number | null;
  /** The share of time in which Spot capacity can be had; a burst that takes half of the instances ends each such time. Left out: always. */
  readonly availability?: number;
  /** Asked by each trial before it begins; false: none begins any more. Left out: all may. */
  readonly mayBegin?: (begun: Pick<SimulatedAttempt, 'host' | 'start'>, before: readonly SimulatedAttempt[]) => boolean;
}

/** Shares of time with Spot capacity, from types that are hard to get to those that nearly always are there. */
export const AVAILABILITIES = [1, 0.9, 0.5, 0.17] as const;

/** An attempt as its runner tells of it. */
export interface SimulatedAttempt {
  readonly trial: number;
  readonly host: string;
  /** Seconds of the virtual clock. */
  readonly start: number;
  readonly seconds: number;
  readonly wasTakenBack: boolean;
}

export interface Simulated {
  /** Dollars, as EC2 would bill the instances from their start to their end. */
  readonly bill: number;
  /** What it would be more if EC2 charged for the first hour of what it takes back. */
  readonly notCharged: number;
  readonly attempts: readonly SimulatedAttempt[];
  /** Of the trials, without what interruptions repeat. */
  readonly meanSeconds: number;
}

interface Host {
  readonly name: string;
  readonly start: number;
  readonly takenBackAt: number;
  /** When each slot is free. */
  readonly slots: number[];
  /** The earliest of those. */
  free: number;
}

/** Seconds of training that an interruption costs: since the last checkpoint. */
const LOST_SECONDS = 60;

/** A fleet on a virtual clock: whole instances that boot, take trials slot by slot, are lost in bursts, and idle at the end. */
export function simulated(sweep: SimulatedSweep): Simulated {
  const { seed, trials, rounds, machine, atOnce, reclaimEvery, availability = 1, mayBegin = () => true } = sweep;
  const random = stream(seed);
  const times = Array.from({ length: trials }, () => 1200 * Math.exp(0.6 * normal(random)));
  const attempts: SimulatedAttempt[] = [];
  let [clock, dollars, notCharged, hosts] = [0, 0, 0, 0];
  const capacity = capacityOf(availability, stream(seed + 1_000_000));
  const burst = (after: number) =>
    Math.min(
      reclaimEvery === null ? Number.POSITIVE_INFINITY : after - Math.log(1 - random()) * reclaimEvery,
      capacity.takenAfter(after, random),
    );
  for (let round = 0; round < rounds; round++) {
    const from = Math.floor((round * trials) / rounds);
    const queue = times
      .slice(from, Math.floor(((round + 1) * trials) / rounds))
      .map((left, index) => ({ trial: from + index, left }));
    const newHost = (wanted: number): Host => {
      const start = capacity.from(wanted);
      const free = start + START_SECONDS;
      const slots = Array.from({ length: machine.trials }, () => free);
      return { name: `host-${hosts++}`, start, takenBackAt: burst(free), slots, free };
    };
    const wanted = Math.ceil(Math.min(queue.length, atOnce) / machine.trials);
    const fleet = Array.from({ length: wanted }, () => newHost(clock));
    let end = clock;
    const close = (host: Host, at: number, wasTakenBack: boolean) => {
      const lived = at - host.start;
      const isFree = wasTakenBack && lived < 3600;
      const own = (lived / 3600) * machine.price.dollars;
      if (isFree) notCharged += own;
      dollars += (isFree ? 0 : own) + (lived / 3600) * BESIDE_AN_HOUR;
    };
    while (queue.length > 0) {
      const host = fleet.reduce((first, each) => (each.free < first.free ? each : first));
      const start = host.free;
      if (start >= host.takenBackAt) {
        close(host, host.takenBackAt, true);
        fleet.splice(fleet.indexOf(host), 1, newHost(host.takenBackAt));
        continue;
      }
      if (!mayBegin({ host: host.name, start }, attempts)) break;
      const { trial, left } = queue.shift()!;
      const seconds = Math.min(left, host.takenBackAt - start);
      const wasTakenBack = seconds < left;
      attempts.push({ trial, host: host.name, start, seconds, wasTakenBack });
      dollars += LOGS_AN_ATTEMPT;
      host.slots[host.slots.indexOf(start)] = start + seconds;
      host.free = Math.min(...host.slots);
      end = Math.max(end, start + seconds);
      if (wasTakenBack) queue.push({ trial, left: left - Math.max(0, seconds - LOST_SECONDS) });
    }
    // Batch starts none for which there is no trial.
    const used = new Set(attempts.map(({ host }) => host));
    for (const host of fleet.filter(({ name }) => used.has(name))) {
      const last = Math.max(...host.slots);
      if (last >= host.takenBackAt) close(host, host.takenBackAt, true);
      else close(host, last + TAIL_SECONDS, false);
    }
    clock = end + TAIL_SECONDS;
  }
  return { bill: dollars, notCharged, attempts, meanSeconds: times.reduce((a, b) => a + b, 0) / trials };
}

/** Mean seconds from one loss of capacity to the next. */
const CAPACITY_SECONDS = 4 * 3600;

/** When there is Spot capacity: times of it and times without, each as long as chance has it. */
function capacityOf(availability: number, random: () => number) {
  if (availability >= 1) return { from: (at: number) => at, takenAfter: () => Number.POSITIVE_INFINITY };
  const times: { readonly from: number; readonly to: number }[] = [];
  const lasting = (share: number) => -Math.log(1 - random()) * share * CAPACITY_SECONDS;
  const upTo = (at: number) => {
    while ((times.at(-1)?.to ?? 0) <= at) {
      const from = (times.at(-1)?.to ?? 0) + (times.length === 0 ? 0 : lasting(1 - availability));
      times.push({ from, to: from + lasting(availability) });
    }
    return times;
  };
  return {
    /** When an instance starts that is wanted at a moment. */
    from: (at: number) => Math.max(at, upTo(at).find(({ to }) => to > at)!.from),
    /** When one is taken back that runs then: each burst takes one of two. */
    takenAfter(at: number, toss: () => number): number {
      let { to } = upTo(at).find((time) => time.to > at)!;
      while (toss() < 0.5) to = upTo(to).find((time) => time.to > to)!.to;
      return to;
    },
  };
}

/** A million numbers are drawn, so a fast generator does it: mulberry32 by Tommy Ettinger, in the public domain. */
function stream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
