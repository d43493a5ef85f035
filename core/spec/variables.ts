/** Names of parameters and of the environment variables that carry them. */

import { readByOthers } from './reserved-variables.ts';

/** What the runner tells a training program; this is the list, the runner fills it (design: The trial runner). */
export const CONTRACT_VARIABLES = [
  'SWEEP_PARAMETERS',
  'SWEEP_ID',
  'TRIAL_ID',
  'SEED',
  'EPOCHS',
  'MAX_EPOCHS',
  'OBJECTIVE_METRIC',
  'OBJECTIVE_GOAL',
  'DATA_DIR',
  'CHECKPOINT_DIR',
  'MODEL_DIR',
  'METRICS_FILE',
] as const;

/** What the runner itself reads. A training program must not see it, nor a parameter replace it. */
export const RUNNER_VARIABLES = [
  'SWEEP_MANIFEST',
  'S3_DATA_PATH',
  'S3_OUTPUT_PATH',
  'SWEEP_SUBMITTED_AT',
  'AWS_BATCH_JOB_ARRAY_INDEX',
] as const;

/** The variable that carries a parameter: upper case, `.` and `-` as `_`. */
export function variableOf(parameter: string): string {
  return parameter.toUpperCase().replaceAll(/[.-]/g, '_');
}

/** Why a parameter may not be carried by `variable`, or null when it may. */
export function reservedBecause(variable: string): string | null {
  if ((CONTRACT_VARIABLES as readonly string[]).includes(variable)) return 'the trial runner sets it for every trial';
  if ((RUNNER_VARIABLES as readonly string[]).includes(variable)) return 'the trial runner reads it';
  return readByOthers(variable);
}

/** A name near the given one whose variable nobody else reads. */
export const freeName = (name: string): string =>
  [`my_${name}`, `${name}_value`, `my_${name}_value`].find((near) => reservedBecause(variableOf(near)) === null)!;

/** As `reservedBecause` for `training.environment`, where only what the contract owns is refused: PYTHONPATH or TZ are fair to set. */
export function ownedByContract(variable: string): string | null {
  if ((CONTRACT_VARIABLES as readonly string[]).includes(variable)) return 'the trial runner sets it for every trial';
  if ((RUNNER_VARIABLES as readonly string[]).includes(variable)) return 'the trial runner reads it';
  if (['PATH', 'HOME'].includes(variable)) return 'programs rely on its usual meaning';
  return null;
}
