import { badInput } from '../core/base/errors.ts';
import { jobsForTrials, type LaneCount, sureLanes } from '../core/spec/packing.ts';
import type { Machine } from './machine.ts';

/** A place for one trial at a time. */
export interface Slot {
  /** From 0. */
  readonly id: number;
  /** Threads its programs should use. */
  readonly cores: number;
  /** Its GPUs, as in CUDA_VISIBLE_DEVICES; empty: it must not use any; null: there are none to share out. */
  readonly gpus: string[] | null;
}

export interface SlotPlan {
  readonly slots: readonly Slot[];
  /** GPUs that a trial must have to start: `compute.gpus` if this machine has GPUs, otherwise 0. */
  readonly requiredGpus: number;
  /** Trials at once in each slot; 1 unless given. */
  readonly lanes?: LaneCount;
  /** For the terminal: `2 CPU slots, 1 thread each; no GPU here`. */
  readonly description: string;
}

export interface SlotRequest {
  /** `compute.gpus`: GPUs a trial. */
  readonly gpus: number;
  /** Slots requested on the command line or in the spec; undefined: as many as fit on the machine. */
  readonly maxParallel: number | undefined;
  /** Trials at once in each slot; 1 unless given. */
  readonly lanes?: LaneCount;
}

/**
 * Divides a machine into slots: one for every `gpus` GPUs or, if there is no GPU or none is wanted, one per core.
 * @throws BadInput if the machine has GPUs, but fewer than a trial needs: it never trains on a CPU by accident
 */
export function planSlots(machine: Machine, request: SlotRequest): SlotPlan {
  return machine.gpus.length > 0 && request.gpus > 0 ? gpuSlots(machine, request) : cpuSlots(machine, request);
}

/** `, 4 trials at once in each` */
function lanesText(lanes: LaneCount): string {
  if (lanes === 1) return '';
  return lanes === 'auto' ? ', as many trials at once in each as fit' : `, ${lanes} trials at once in each`;
}

/** Files that a run keeps open anyway, and the most that each trial opens: pipes, its search thread, files being copied. */
const FILES_OF_RUN = 40;
const FILES_OF_SLOT = 10;

interface Bounded {
  readonly wanted: number;
  /** For the description; empty if there is room for all that were requested. */
  readonly why: string;
}

/** As many slots as the limit on open files allows, at least one. */
function byOpenFiles({ openFiles = Number.POSITIVE_INFINITY }: Machine, asked: number, lanes: LaneCount): Bounded {
  const room = Math.max(1, Math.floor((openFiles - FILES_OF_RUN) / (FILES_OF_SLOT * sureLanes(lanes))));
  if (room >= asked) return { wanted: asked, why: '' };
  return { wanted: room, why: `; not ${asked}: ulimit -n allows only ${openFiles} open files; raise it for more` };
}

function gpuSlots(machine: Machine, { gpus, maxParallel, lanes = 1 }: SlotRequest): SlotPlan {
  const groups: string[][] = [];
  for (let start = 0; start + gpus <= machine.gpus.length; start += gpus) {
    groups.push(machine.gpus.slice(start, start + gpus));
  }
  if (groups.length === 0) {
    throw badInput(
      'compute.gpus',
      `received ${gpus}, but ${count(machine.gpus.length, 'GPU')} can be used here; allowed: at most ${machine.gpus.length}; lower it (the default is the profile's own number), or set it to 0 to train on the CPU`,
    );
  }
  const asked = maxParallel === undefined ? groups.length : jobsForTrials(maxParallel, lanes);
  const { wanted, why } = byOpenFiles(machine, asked, lanes);
  const cores = threads(machine, wanted);
  const slots = numbered(wanted, (id) => ({ id, cores, gpus: groups[id % groups.length]! }));
  const each = `${count(gpus, 'GPU')} and ${count(cores, 'thread')} each`;
  // More slots than GPUs were requested. Small models share a GPU well, but the description says so.
  const shared = wanted > groups.length ? `; they share ${count(machine.gpus.length, 'GPU')}` : '';
  const description = `${count(wanted, 'GPU slot')}, ${each}${lanesText(lanes)}${shared}${why}`;
  return { slots, requiredGpus: gpus, description, lanes };
}

function cpuSlots(machine: Machine, { gpus, maxParallel, lanes = 1 }: SlotRequest): SlotPlan {
  const { wanted, why: few } = byOpenFiles(machine, jobsForTrials(maxParallel ?? machine.cores, lanes), lanes);
  const cores = threads(machine, wanted);
  const hidden = machine.gpus.length > 0;
  const slots = numbered(wanted, (id) => ({ id, cores, gpus: hidden ? [] : null }));
  const why = hidden ? '; compute.gpus is 0' : gpus > 0 ? '; no GPU here' : '';
  return {
    slots,
    requiredGpus: 0,
    description: `${count(wanted, 'CPU slot')}, ${count(cores, 'thread')} each${lanesText(lanes)}${why}${few}`,
    lanes,
  };
}

function threads(machine: Machine, slots: number): number {
  return Math.max(1, Math.floor(machine.cores / slots));
}

function numbered(length: number, make: (id: number) => Slot): Slot[] {
  return Array.from({ length }, (_, id) => make(id));
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
