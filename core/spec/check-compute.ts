import { programsOfChild } from './packing.ts';
import type { AddProblem } from './problems.ts';
import { computeSchema, type ParsedSpec } from './spec.ts';

/** The longest program that one job may run, in minutes; a job that trains several trials has no more time than that. */
const MAX_JOB_MINUTES = computeSchema.shape.timeoutMinutes.unwrap().maxValue!;

export function checkCompute({ compute }: ParsedSpec, addProblem: AddProblem): void {
  const { timeoutMinutes, trialsPerJob, trialsPerGpu, gpus = 0 } = compute;
  const programs = programsOfChild(compute);
  const most = Math.floor((10 * MAX_JOB_MINUTES) / programs) / 10;
  if (timeoutMinutes > most) {
    const [field, value] =
      trialsPerJob === undefined ? ['timeoutMinutes', timeoutMinutes] : ['trialsPerJob', trialsPerJob];
    addProblem(
      `compute.${field}`,
      `received ${value}; a job may have to run ${programs} programs of compute.timeoutMinutes ${timeoutMinutes} one after another; allowed: ${MAX_JOB_MINUTES} minutes in total; lower timeoutMinutes to ${most} or less, or put fewer trials in a job`,
    );
  }
  if (trialsPerGpu !== undefined && trialsPerGpu !== 1 && gpus > 1) addProblem(...lanesNeedOneGpu(trialsPerGpu, gpus));
}

/** Trials that use several GPUs each fill them as a rule. */
export const lanesNeedOneGpu = (trialsPerGpu: number | 'auto', gpus: number): [field: string, message: string] => [
  'compute.trialsPerGpu',
  `received ${trialsPerGpu} for trials of ${gpus} GPUs each; allowed: trials of one GPU, or none; set compute.gpus: 1, or remove trialsPerGpu`,
];
