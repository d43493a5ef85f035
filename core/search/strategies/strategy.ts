import type { Parameters, Space } from '../../space/space.ts';
import type { Goal } from '../../spec/goal.ts';
import type { OtherObjective } from '../../spec/spec.ts';

/** What is known of one planned trial. `value` is null when the trial failed, undefined while nothing is known yet. */
export interface Observation {
  readonly parameters: Parameters;
  readonly value: number | null | undefined;
  /** The values of the other objectives, by metric, where there are any and the trial succeeded. */
  readonly others?: Readonly<Record<string, number>> | undefined;
  readonly epochs: number;
  /** How long its training took, as its stored result says; undefined where nobody knows. */
  readonly seconds?: number | undefined;
  /** The earlier sweep that it comes from: its values are compared among themselves only, and its points are not taken. */
  readonly source?: string;
}

export interface ProposalRequest {
  readonly space: Space;
  readonly seed: number;
  readonly goal: Goal;
  /** The objectives after the first. */
  readonly others?: readonly OtherObjective[] | undefined;
  /** How many new points are wanted. */
  readonly count: number;
  /** What the expected seconds of a trial count for, from 1 (all) to 0 (nothing); undefined: nothing. */
  readonly costExponent?: number | undefined;
  /** Every trial planned so far, in any order; empty for a strategy that does not learn. */
  readonly history: readonly Observation[];
}

/**
 * A way of choosing what to try. A strategy is a pure function of its request: no clock, no I/O, no Math.random.
 *
 * `propose` yields points lazily, the most wanted first. One that does not learn yields the same sequence from its
 * beginning whatever was planned before, so that more trials are a longer prefix of it. Points may repeat, or be known
 * already: the caller (propose.ts) drops those and stops reading when it has enough.
 */
export interface Strategy {
  /** Whether proposals depend on `history`; if not, the caller does not load it. */
  readonly learns: boolean;
  propose(request: ProposalRequest): Iterable<Parameters>;
}
