import * as z from 'zod';
import type { Json } from '../base/json.ts';
import type { PaidAttempt } from '../money/attempts.ts';
import type { SpentSoFar } from '../money/spent-so-far.ts';
import type { OtherValues } from '../spec/limits.ts';
import type { Instance } from '../trial/instance.ts';
import type { GpuSample } from '../trial/usage.ts';

/**
 * What happens in a sweep, as it happens: plain JSON values that renderers consume. Nothing in them is of this machine
 * alone, so that a watch over AWS can emit the same ones from Step Functions' history, Batch's lists and the store;
 * what only one side knows (a slot) is null on the other.
 */
export type SweepEvent =
  | ExecutionStarted
  | RoundPlanned
  | ResultsFound
  | TrialStarted
  | TrialMetrics
  | TrialGpu
  | TrialInterrupted
  | TrialEnded
  | ChildLost
  | JobsCounted
  | DollarsCounted
  | RoundCollected
  | RoundSelected
  | Notice
  | SweepEnded;

export interface ExecutionStarted {
  readonly type: 'execution-started';
  readonly sweepId: string;
  readonly execution: string;
  /** How trials run, in words: `2 CPU slots, 1 thread each; no GPU here`. */
  readonly machine: string | null;
  /** Trials that it can train at once; null if unknown (Batch). */
  readonly slots: number | null;
}

export interface RoundPlanned {
  readonly type: 'round-planned';
  readonly round: number;
  /** Trials of the round. */
  readonly trials: number;
  /** Those that already had their result. */
  readonly reused: number;
  /** The budget of each. */
  readonly epochs: number;
  /**
   * search: new trials; rung: trials that go on; confirm: the best again, with new seeds; asynchronous: every training of an
   * asynchronous search, each with at most the spec's budget.
   */
  readonly kind: 'search' | 'rung' | 'confirm' | 'asynchronous';
}

/** What trials of a round had reached before this run, judged by today's objective; they are counted by the round. */
export interface ResultsFound {
  readonly type: 'results-found';
  readonly round: number;
  /** Whether their values are candidates for the best; those of a confirming round are not. */
  readonly candidates: boolean;
  readonly trials: readonly FoundResult[];
}

export interface FoundResult {
  readonly trial: number;
  readonly id: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly epochs: number;
  readonly value: number | null;
  /** The other objectives' values, where there are any. */
  readonly others?: OtherValues | undefined;
  readonly epoch: number | null;
  /** Null: it succeeded. */
  readonly failureClass: string | null;
  /** Of a run that confirms another trial: that trial's number, and the new seed. */
  readonly confirms?: number | undefined;
  readonly seed?: number | undefined;
}

/** An attempt of a trial has begun; `attempt` counts from 1 as Batch does. */
export interface TrialStarted {
  readonly type: 'trial-started';
  /** The trial number: its index in the sweep, from 0. */
  readonly trial: number;
  readonly id: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly epochs: number;
  readonly slot: number | null;
  readonly attempt: number;
  /** Of a run that confirms another trial: that trial's number, and the new seed. */
  readonly confirms?: number | undefined;
  readonly seed?: number | undefined;
  /** When it began, in milliseconds since 1970, if not just now; null: before this run, so it does not count. */
  readonly since?: number | null;
}

export interface TrialMetrics {
  readonly type: 'trial-metrics';
  readonly trial: number;
  readonly id: string;
  readonly epoch: number;
  /** The objective; null when it was not finite. */
  readonly value: number | null;
}

/** The latest sample of one of the trial's GPUs. It describes the device, including whatever else runs on it. */
export interface TrialGpu {
  readonly type: 'trial-gpu';
  readonly trial: number;
  readonly id: string;
  readonly sample: GpuSample;
}

/** An attempt was told to stop and left no result. The trial is tried again while attempts are left. */
export interface TrialInterrupted {
  readonly type: 'trial-interrupted';
  readonly trial: number;
  readonly id: string;
  readonly attempt: number;
}

export interface TrialEnded {
  readonly type: 'trial-ended';
  readonly trial: number;
  readonly id: string;
  readonly status: 'succeeded' | 'failed';
  readonly value: number | null;
  /** The other objectives' values, where there are any. */
  readonly others?: OtherValues | undefined;
  readonly epoch: number | null;
  readonly failure: { readonly class: string; readonly reason: string } | null;
  /** Of the attempt that finished. */
  readonly seconds: number;
  /** It already had a result, so nothing was trained. */
  readonly reused: boolean;
  /** Whether it confirms another, so that its value is no candidate for the best; left out: as its round says. */
  readonly confirms?: boolean;
  /** The EC2 instance it ran on. */
  readonly instance?: Instance | undefined;
  /** The attempts in its result; absent if the sweep's costs are reported elsewhere. */
  readonly paid?: readonly PaidAttempt[];
}

/** A job's child ended without saying which trial it had: the runner could not start, or was lost with its machine. */
export interface ChildLost {
  readonly type: 'child-lost';
  readonly job: string;
  /** Its place in the array; null for a plain job. */
  readonly index: number | null;
  readonly attempt: number;
  readonly reason: string;
}

/** How many trials Batch is running, starting and queueing right now. */
export interface JobsCounted {
  readonly type: 'jobs-counted';
  readonly running: number;
  readonly starting: number;
  readonly waiting: number;
}

/** What the sweep has cost so far, including earlier runs; sent if prices are known. */
export interface DollarsCounted {
  readonly type: 'dollars-counted';
  readonly spent: SpentSoFar;
}

/** One partition's results were read; the sums are of this partition. */
export interface RoundCollected {
  readonly type: 'round-collected';
  readonly round: number;
  readonly partition: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** The leaderboard was rewritten, and this is what comes next. */
export interface RoundSelected {
  readonly type: 'round-selected';
  readonly round: number;
  readonly decision: string;
}

/** A sentence for people, such as what is being installed, or what was found on this machine. */
export interface Notice {
  readonly type: 'notice';
  readonly message: string;
}

export type SweepEnded = { readonly type: 'sweep-ended'; readonly sweepId: string } & ExecutionEnd;

/** How an execution of the state machine ended. */
export type ExecutionEnd =
  | { readonly status: 'succeeded'; readonly output: Json }
  | { readonly status: 'failed'; readonly error: string; readonly cause: string }
  | { readonly status: 'interrupted' };

/** Whether it ended because a person paused the sweep. */
export const wasPaused = (end: ExecutionEnd): boolean =>
  end.status === 'succeeded' && pausedSchema.safeParse(end.output).success;

/** What the state machine answers then. */
const pausedSchema = z.looseObject({ status: z.literal('paused') });

export type OnEvent = (event: SweepEvent) => void;

/** A renderer that throws must not end the sweep. */
export function guarded(onEvent: OnEvent): OnEvent {
  return (event) => {
    try {
      onEvent(event);
    } catch {
      // A broken pipe on the terminal, most often: the sweep goes on, its results lie in the store.
    }
  };
}
