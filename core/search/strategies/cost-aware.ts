import { contains, type Parameters, pointKey, type Space } from '../../space/space.ts';
import type { Training } from './gaussian-process/kernel.ts';
import type { Posterior } from './gaussian-process/posterior.ts';
import type { Observation } from './strategy.ts';

/**
 * Proposals that weigh what a trial is expected to take (`search.costAware`): what a drawn function promises is compared by
 * the logarithm of the expected seconds, which counts ever less as the search goes on, so that an expensive best is not
 * missed. After "EI-cool": E. H. Lee, V. Perrone, C. Archambeau, M. Seeger, "Cost-aware Bayesian Optimization" (2020).
 */

/** What the seconds count for when `done` of `all` trials are planned: 1 at the beginning, 0 at the end. */
export const costExponent = (done: number, all: number): number => Math.max(0, 1 - done / all);

/** Scores (results' normal scores) that one unit of log seconds is worth at the beginning. */
const SCORE_A_LOG_SECOND = 0.5;

/** Log seconds an epoch by point, standardised, and the spread that they had. */
export interface TimedTrials {
  readonly training: Training;
  readonly spread: number;
}

/**
 * The sweep's own successes that tell their seconds; other sweeps ran on other machines or data, and a failed trial stopped
 * short. Null while they are too few, or all take the same.
 */
export function timedTrials(
  space: Space,
  history: readonly Observation[],
  coordinatesOf: (space: Space, parameters: Parameters) => Float64Array,
): TimedTrials | null {
  const timed = history.flatMap(({ parameters, value, seconds = 0, epochs, source }) =>
    value == null || seconds <= 0 || source !== undefined || !contains(space, parameters).ok
      ? []
      : [{ parameters, key: pointKey(parameters), log: Math.log(seconds / epochs) }],
  );
  if (timed.length < space.dimensions.length + 2) return null;
  // In an order that does not hang on who ended first: sums of floats differ by it.
  timed.sort((a, b) => (a.key === b.key ? a.log - b.log : a.key < b.key ? -1 : 1));
  const mean = timed.reduce((sum, { log }) => sum + log, 0) / timed.length;
  const spread = Math.sqrt(timed.reduce((sum, { log }) => sum + (log - mean) ** 2, 0) / timed.length);
  if (spread < 1e-6) return null;
  return {
    training: {
      points: timed.map(({ parameters }) => coordinatesOf(space, parameters)),
      z: Float64Array.from(timed, ({ log }) => (log - mean) / spread),
      weight: new Float64Array(timed.length).fill(1),
    },
    spread,
  };
}

/**
 * The posterior, less what each candidate is expected to take.
 * @param logSeconds of each candidate; only their differences count
 * @param exponent 1: all of it counts; 0: nothing
 */
export function lessSeconds(drawn: Posterior, logSeconds: Float64Array, exponent: number): Posterior {
  const factor = exponent * SCORE_A_LOG_SECOND;
  return { draw: (normals) => drawn.draw(normals).map((value, index) => value - factor * logSeconds[index]!) };
}
