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
  /** Asked by each trial before it begins; false: none begins any more. Left out: all may. */
  readonly mayBegin?: (begun: Pick<SimulatedAttempt, 'host' | 'start'>, before: readonly SimulatedAttempt[]) => boolean;
}

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
  const { seed, trials, rounds, machine, atOnce, reclaimEvery, mayBegin = () => true } = sweep;
  const random = stream(seed);
  const times = Array.from({ length: trials }, () => 1200 * Math.exp(0.6 * normal(random)));
  const attempts: SimulatedAttempt[] = [];
  let [clock, dollars, hosts] = [0, 0, 0];
  const burst = (after: number) =>
    reclaimEvery === null ? Number.POSITIVE_INFINITY : after - Math.log(1 - random()) * reclaimEvery;
  for (let round = 0; round < rounds; round++) {
    const from = Math.floor((round * trials) / rounds);
    const queue = times
      .slice(from, Math.floor(((round + 1) * trials) / rounds))
      .map((left, index) => ({ trial: from + index, left }));
    const newHost = (start: number): Host => ({
      name: `host-${hosts++}`,
      start,
      takenBackAt: burst(start + START_SECONDS),
      slots: Array.from({ length: machine.trials }, () => start + START_SECONDS),
      free: start + START_SECONDS,
    });
    const wanted = Math.ceil(Math.min(queue.length, atOnce) / machine.trials);
    const fleet = Array.from({ length: wanted }, () => newHost(clock));
    let end = clock;
    const close = (host: Host, at: number, wasTakenBack: boolean) => {
      const lived = at - host.start;
      const isFree = wasTakenBack && lived < 3600;
      dollars += (lived / 3600) * ((isFree ? 0 : machine.price.dollars) + BESIDE_AN_HOUR);
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
  return { bill: dollars, attempts, meanSeconds: times.reduce((a, b) => a + b, 0) / trials };
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
