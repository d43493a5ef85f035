/** Names of parameters and of the environment variables that carry them. */

import { readByOthers } from './reserved-variables.ts';
import { CONTRACT, JOB } from './runner-variables.ts';

/** What the runner tells a training program (design: The trial runner). */
export const CONTRACT_VARIABLES = Object.keys(CONTRACT);

/** What the runner itself reads of a job. A training program must not see it, nor a parameter replace it. */
export const RUNNER_VARIABLES = Object.keys(JOB);

/** The variable that carries a parameter: upper case, `.` and `-` as `_`. */
export function variableOf(parameter: string): string {
  return parameter.toUpperCase().replaceAll(/[.-]/g, '_');
}

/** Why a parameter may not be carried by `variable`, or null when it may. */
export function reservedBecause(variable: string): string | null {
  if (CONTRACT_VARIABLES.includes(variable)) return 'the trial runner sets it for every trial';
  if (RUNNER_VARIABLES.includes(variable)) return 'the trial runner reads it';
  return readByOthers(variable);
}

/** A name close to the given one whose variable no other program reads. */
export const freeName = (name: string): string =>
  [`my_${name}`, `${name}_value`, `my_${name}_value`].find((near) => reservedBecause(variableOf(near)) === null)!;

/** As `reservedBecause` for `training.environment`, where only what the contract owns is refused: PYTHONPATH or TZ are fair to set. */
export function ownedByContract(variable: string): string | null {
  if (CONTRACT_VARIABLES.includes(variable)) return 'the trial runner sets it for every trial';
  if (RUNNER_VARIABLES.includes(variable)) return 'the trial runner reads it';
  if (['PATH', 'HOME'].includes(variable)) return 'programs rely on its usual meaning';
  return null;
}
