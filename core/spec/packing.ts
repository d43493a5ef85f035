import type { Spec } from './spec.ts';

/** How a spec packs its trials: several in a job one after the other, several at once on a GPU. */

type Compute = Pick<Spec['compute'], 'trialsPerJob' | 'trialsPerGpu'>;

/** Trials of a job whose first trial finds out how many fit, unless compute.trialsPerJob says how many. */
const TRIALS_OF_AUTO = 8;

/** How many trials at once; `auto`: one, until a trial has shown what it needs. */
export type LaneCount = number | 'auto';

export const lanesOf = ({ trialsPerGpu = 1 }: Compute): LaneCount => trialsPerGpu;

/** Jobs for so many trials at once, one at the least; how many of `auto` fit in each is not known before. */
export const jobsForTrials = (trials: number, lanes: LaneCount): number =>
  Math.max(1, Math.floor(trials / sureLanes(lanes)));

/** Trials at once that a job is sure to have room for. */
export const sureLanes = (lanes: LaneCount): number => (lanes === 'auto' ? 1 : lanes);

/** Trials for each child, of a round or a wave: enough for all its lanes. */
export function trialsPerChild({ trialsPerJob, trialsPerGpu = 1 }: Compute): number {
  if (trialsPerGpu === 'auto') return trialsPerJob ?? TRIALS_OF_AUTO;
  return Math.max(trialsPerJob ?? 1, trialsPerGpu);
}

/** Programs that a child may have to run one after the other: all may fail beside each other, and run again alone. */
export const programsOfChild = (compute: Compute): number => trialsPerChild(compute) + (lanesOf(compute) === 1 ? 0 : 1);
