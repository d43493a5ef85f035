import type { LaneCount } from '../spec/packing.ts';
import type { Failure, FailureClass } from './failure.ts';
import type { PeakMemory } from './memory.ts';
import { trialsThatFit } from './room.ts';
import type { Usage } from './usage.ts';

/** A lane is one of several trials that a child trains at once on its GPU, or on its cores where it has none. */

/** More trials at once on one GPU gain nothing: each has a context of some hundred megabytes, and time slices get short. */
export const MAX_LANES = 16;

const BY_NEIGHBOURS: ReadonlySet<FailureClass> = new Set(['gpu-out-of-memory', 'out-of-memory', 'signal', 'timeout']);

/** What CUDA and its libraries say when another program on the GPU broke it, or took what they need. */
const CUDA_ERROR =
  /CUDA (runtime |driver )?error|CUDA_ERROR_|CUBLAS_STATUS_|CUDNN_STATUS_|cudaError|NCCL error|\bMPS\b.*error/i;

/** Whether neighbours may be to blame for a failure, so that it says nothing of the trial before it fails alone as well. */
export function mayBeNeighbours(failure: Failure, logTail: string): boolean {
  if (BY_NEIGHBOURS.has(failure.class)) return true;
  return failure.class === 'exit-status' && CUDA_ERROR.test(logTail);
}

/** What a program says that does not get its GPU, as behind an MPS server that does not work. */
const BY_SHARING: ReadonlySet<FailureClass> = new Set(['exit-status', 'too-few-gpus']);

/**
 * Whether the way in which the trial shared its GPU (NVIDIA's MPS) may be to blame: any such failure before a trial has
 * succeeded that way, and what another program on the GPU may have caused after it.
 */
export const mayBeSharing = (hasWorked: boolean, failure: Failure, logTail: string): boolean =>
  mayBeNeighbours(failure, logTail) || (!hasWorked && BY_SHARING.has(failure.class));

/** The lanes of a child, between two events. */
export interface Lanes {
  /** Trials that may run at once. */
  readonly width: number;
  /** It is still to be found out. */
  readonly isAuto: boolean;
  readonly running: number;
  /** Units that wait to run alone, as a rule because they failed beside others. */
  readonly crowded: number;
  /** The one that runs now was such a one. */
  readonly isAlone: boolean;
  /** The width to go back to if none of the crowded ones succeeds alone. */
  readonly before: number | null;
}

export const lanesAtStart = (count: LaneCount): Lanes => ({
  width: count === 'auto' ? 1 : count,
  isAuto: count === 'auto',
  running: 0,
  crowded: 0,
  isAlone: false,
  before: null,
});

/** What may begin now: the next unit, one that waits to run alone, or nothing before something ends. */
export function mayBegin({ width, running, crowded, isAlone }: Lanes): 'next' | 'crowded' | null {
  if (isAlone) return null;
  // No lane is filled again before: whoever waits for its result has waited twice as long already.
  if (crowded > 0) return running === 0 ? 'crowded' : null;
  return running < width ? 'next' : null;
}

export const begun = (lanes: Lanes, what: 'next' | 'crowded'): Lanes =>
  what === 'next'
    ? { ...lanes, running: lanes.running + 1 }
    : { ...lanes, running: 1, crowded: lanes.crowded - 1, isAlone: true };

/** What may begin now waits to run alone. */
export const setAside = (lanes: Lanes): Lanes => ({ ...lanes, crowded: lanes.crowded + 1 });

/** Whether what begins may share its GPU: not what has to show how it ends alone, nor what is measured alone. */
export const mayShare = ({ width }: Lanes, what: 'next' | 'crowded'): boolean => what === 'next' && width > 1;

/** How a unit ended. `fit`: how many such trials fit at once, where it ran alone and that is known. */
export interface LaneEnd {
  readonly status: 'succeeded' | 'failed' | 'crowded' | 'other';
  readonly fit: number | null;
}

/**
 * Lanes become one fewer when a trial failed beside others and succeeds alone. If all such trials fail alone too, it was not
 * for their neighbours, and the lanes stay.
 */
export function ended(lanes: Lanes, { status, fit }: LaneEnd): Lanes {
  const left = { ...lanes, running: lanes.running - 1, isAlone: false };
  if (status === 'crowded') {
    const before = lanes.before ?? lanes.width;
    return { ...left, crowded: lanes.crowded + 1, before, width: Math.max(1, before - 1) };
  }
  if (lanes.isAlone) {
    if (status === 'succeeded') return { ...left, before: null };
    // The next one may yet succeed.
    if (lanes.crowded > 0) return left;
    return { ...left, before: null, width: lanes.before ?? lanes.width };
  }
  if (lanes.isAuto && fit !== null) return { ...left, isAuto: false, width: Math.min(MAX_LANES, fit) };
  return left;
}

/** How many trials such as this one fit on what its child has; null: what is known of it does not tell. */
export function fitOf(
  facts: { readonly usage?: Usage | undefined; readonly peakMemory?: PeakMemory | undefined },
  hasGpu: boolean,
): number | null {
  return facts.usage === undefined || facts.usage.shared
    ? null
    : trialsThatFit(facts.usage, facts.peakMemory ?? {}, hasGpu);
}

/** How many trials at once `auto` is taken to be; `fit`: as many as a trial has shown to fit, null: none has. */
export const lanesAssumed = (lanes: LaneCount, fit: number | null): number =>
  lanes === 'auto' ? Math.min(MAX_LANES, fit ?? 1) : lanes;

/** Trials that a job of `perJob` trains at once, on average: with `auto`, its first one runs alone. */
export function lanesOnAverage(lanes: LaneCount, perJob: number, fit: number | null): number {
  const [alone, beside] = lanes === 'auto' ? [1, perJob - 1] : [0, perJob];
  return perJob / (alone + Math.ceil(beside / lanesAssumed(lanes, fit)));
}

/**
 * Which of a running child's trials without a result are being trained, as far as one can tell from outside: it takes them in
 * their order. Of lanes that are found out only one is sure.
 */
export const runningOf = <T>(left: readonly T[], lanes: LaneCount): readonly T[] =>
  left.slice(0, lanes === 'auto' ? 1 : lanes);
