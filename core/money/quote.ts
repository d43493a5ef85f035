import type { ForeseenRound } from '../search/forecast.ts';
import type { LaneCount } from '../spec/packing.ts';
import { lanesOnAverage } from '../trial/lanes.ts';
import type { Fleet, Machine } from './fleet.ts';
import { BESIDE_AN_HOUR, LOGS_AN_ATTEMPT, START_SECONDS, TAIL_SECONDS, TRANSITIONS_A_ROUND } from './rates.ts';

/** What a sweep would do, and where. */
export interface QuoteRequest {
  /** What is left to train, as `lessDone` tells: nothing fails, nothing stops early. */
  readonly rounds: readonly RoundLeft[];
  /** Of one trial on one of the fleet's machines, the program's start included. */
  readonly secondsAnEpoch: number;
  readonly fleet: Fleet;
  /** Times that a trial is started at most. */
  readonly attempts: number;
  /** Trials that each job trains; left out: one. */
  readonly perJob?: number | undefined;
  /** Of those, how many at once; left out: one. `auto` is what `lanesAssumed` makes of it. */
  readonly lanes?: LaneCount | undefined;
  /** Trials that fit at once, where a trial has shown it. */
  readonly fit?: number | null | undefined;
  /** On a machine of one's own nothing is started, and nothing is billed beside the machine. */
  readonly isLocal: boolean;
}

/** Dollars by what they are for. */
export interface Parts {
  /** Instances while trials train. */
  readonly training: number;
  /** Instances before their first trial and after their last. */
  readonly startAndEnd: number;
  /** Disks and addresses. */
  readonly beside: number;
  /** Logs and transitions. */
  readonly services: number;
}

export interface Sum {
  readonly dollars: number;
  /** Wall time, less a wait for capacity. */
  readonly seconds: number;
}

export interface Quote {
  readonly expected: Sum & { readonly parts: Parts };
  /**
   * Every trial runs to its last epoch on the dearest machine, those that share a GPU one after the other; on Spot, each is lost at its very end, without a checkpoint,
   * as often as it may be.
   */
  readonly worst: Sum;
  /** Times that a trial is trained, rungs and confirmations counted one by one. */
  readonly trainings: number;
  /** Most instances at once. */
  readonly instances: number;
  readonly machine: Machine;
  readonly worstMachine: Machine;
  readonly secondsAnEpoch: number;
}

/** What a sweep would cost, and how long it would take. */
export function quote(request: QuoteRequest): Quote {
  const { rounds, fleet, attempts, isLocal, secondsAnEpoch } = request;
  const use = usage(request, fleet.expected);
  const parts = partsOf(use, fleet.expected, isLocal);
  // Only Spot capacity is taken back; the last attempt may run on demand.
  const lost = fleet.spot === false ? 0 : attempts - 1;
  // Trials that share a GPU may be as slow as if they took turns.
  const turns: QuoteRequest = { ...request, lanes: 1 };
  const worstUse = usage(turns, fleet.worst);
  const last = total(partsOf(worstUse, fleet.worst, isLocal));
  const before = total(partsOf(usage(turns, fleet.dear), fleet.dear, isLocal));
  return {
    expected: { dollars: total(parts), seconds: use.wall, parts },
    worst: { dollars: last + lost * before, seconds: (1 + lost) * worstUse.wall },
    trainings: rounds.reduce((sum, { trials }) => sum + trials, 0),
    instances: use.most,
    machine: fleet.expected,
    worstMachine: fleet.worst,
    secondsAnEpoch,
  };
}

/** What is left of a round. */
export interface RoundLeft {
  readonly trials: number;
  /** Epochs that each trains, on average. */
  readonly epochs: number;
}

/** The rounds less what is there already: `done` results of a budget leave as many fewer trials to train to it. */
export function lessDone(rounds: readonly ForeseenRound[], done: ReadonlyMap<number, number>): RoundLeft[] {
  const left = new Map(done);
  return rounds.map(({ kind, trials, epochs, work }, index) => {
    // An asynchronous search trains to all of its budgets in one round.
    const budgets = kind === 'asynchronous' ? [...left.keys()] : [epochs];
    let open = trials;
    for (const budget of budgets) {
      const have = Math.min(left.get(budget) ?? 0, open);
      left.set(budget, (left.get(budget) ?? 0) - have);
      open -= have;
    }
    const from = kind === 'rung' ? (rounds[index - 1]?.epochs ?? 0) : 0;
    return { trials: open, epochs: work === undefined ? epochs - from : work / trials };
  });
}

/** How long how many instances run. */
interface Usage {
  /** Instance seconds with trials on them. */
  readonly busy: number;
  /** Instances started, each round anew: Batch ends those that idle. */
  readonly starts: number;
  readonly most: number;
  readonly wall: number;
  readonly rounds: number;
  readonly trainings: number;
}

function usage(request: QuoteRequest, machine: Machine): Usage {
  const { rounds, secondsAnEpoch, fleet, isLocal, perJob = 1, lanes = 1, fit = null } = request;
  // A machine has room for so many jobs, and each job for so many trials.
  const atOnce = lanesOnAverage(lanes, perJob, fit);
  const roomOfMachine = machine.trials * atOnce;
  let use: Usage = { busy: 0, starts: 0, most: 0, wall: 0, rounds: 0, trainings: 0 };
  for (const { trials, epochs } of rounds) {
    if (trials === 0) continue;
    const seconds = epochs * secondsAnEpoch;
    const jobs = Math.min(Math.max(machine.trials, fleet.atOnce), Math.ceil(trials / perJob));
    const slots = Math.min(trials, jobs * atOnce);
    const instances = Math.ceil(jobs / machine.trials);
    const room = instances * roomOfMachine;
    // Slots that are free take the next trial at once, so that all end about when the work is done, and whole instances go.
    const waves = Math.floor(trials / room) * instances + Math.ceil((trials % room) / roomOfMachine);
    const busy = Math.max(waves, (trials / slots) * instances) + instances * lastSlot(roomOfMachine);
    use = {
      busy: use.busy + busy * seconds,
      starts: use.starts + instances,
      most: Math.max(use.most, instances),
      wall: use.wall + (isLocal ? 0 : START_SECONDS) + Math.ceil(trials / slots) * seconds,
      rounds: use.rounds + 1,
      trainings: use.trainings + trials,
    };
  }
  return use;
}

/**
 * Trials' lengths by which the last slot of a machine ends later than its slots do on average, which bills all of them: the
 * largest of so many even numbers in [0, 1), less their mean.
 */
const lastSlot = (slots: number): number => slots / (slots + 1) - 1 / 2;

function partsOf(use: Usage, { price }: Machine, isLocal: boolean): Parts {
  const hours = (seconds: number) => seconds / 3600;
  if (isLocal) return { training: hours(use.busy) * price.dollars, startAndEnd: 0, beside: 0, services: 0 };
  const idle = use.starts * (START_SECONDS + TAIL_SECONDS);
  return {
    training: hours(use.busy) * price.dollars,
    startAndEnd: hours(idle) * price.dollars,
    beside: hours(use.busy + idle) * BESIDE_AN_HOUR,
    services: use.trainings * LOGS_AN_ATTEMPT + use.rounds * TRANSITIONS_A_ROUND,
  };
}

const total = ({ training, startAndEnd, beside, services }: Parts): number =>
  training + startAndEnd + beside + services;
