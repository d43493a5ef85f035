import type { AddProblem } from './problems.ts';
import type { ParsedSpec } from './spec.ts';
import { computeSchema } from './spec.ts';

/** The longest program that one job may run, in minutes; a job that trains several trials has no more time than that. */
const MAX_JOB_MINUTES = computeSchema.shape.timeoutMinutes.unwrap().maxValue!;

export function checkCompute({ compute }: ParsedSpec, addProblem: AddProblem): void {
  const { timeoutMinutes, trialsPerJob = 1 } = compute;
  if (timeoutMinutes * trialsPerJob > MAX_JOB_MINUTES)
    addProblem(
      'compute.trialsPerJob',
      `received ${trialsPerJob}, which with compute.timeoutMinutes ${timeoutMinutes} lets a job take ${timeoutMinutes * trialsPerJob} minutes; allowed: at most ${MAX_JOB_MINUTES}; lower timeoutMinutes to ${Math.floor(MAX_JOB_MINUTES / trialsPerJob)} or less, or trialsPerJob`,
    );
}
