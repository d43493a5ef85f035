import { pathToFileURL } from 'node:url';
import { jsonOfParameters } from '../core/space/program-text.ts';
import { type Filling, fillText, isInactive, onlyPlaceholder } from '../core/spec/placeholders.ts';
import { SURROUNDINGS } from '../core/spec/runner-variables.ts';
import type { Spec } from '../core/spec/spec.ts';
import { CONTRACT_VARIABLES, RUNNER_VARIABLES, variableOf } from '../core/spec/variables.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import type { ProjectPaths } from './python-project.ts';
import type { TrialRun } from './types.ts';

export interface Given {
  /** Folder of the Python of `training.requirements`, put first on the PATH; null if the spec has none. */
  readonly bin: string | null;
  /** The source's own packages, where that Python is to find them in the copy; null: it has none. */
  readonly project: ProjectPaths | null;
  /** The values of its secret variables, by variable. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly filling: Filling;
  /** Of uploads.ts: for programs that read from S3 and write to it themselves. */
  readonly s3: Readonly<Record<string, string>>;
  /** The folder for MLflow's runs. */
  readonly mlflow: string;
  /** Where Python finds the module that a program may import (helper.ts); null: nowhere. */
  readonly helper: string | null;
}

/** The environment of the training program. */
export function programEnvironment(
  spec: Spec,
  trial: ManifestTrial,
  run: TrialRun,
  { bin, project, secrets, filling, s3, mlflow, helper }: Given,
): Record<string, string> {
  const { contract } = filling;
  const inherited = inheritable(run.inherited, Object.keys(spec.search.space).map(variableOf));
  const path = [project?.bin, bin, inherited['PATH']].filter(Boolean).join(':');
  const given = extra(spec, secrets, filling);
  return {
    ...threads(run, inherited),
    ...device(run),
    ...trackers(contract.SWEEP_ID, trial.id, spec.name, mlflow, inherited),
    ...inherited,
    ...run.sharing?.environment,
    ...(path === '' ? {} : { PATH: path }),
    PYTHONUNBUFFERED: '1',
    ...gpus(run),
    ...given,
    ...pythonPath(project?.pythonPath ?? [], given['PYTHONPATH'] ?? inherited['PYTHONPATH'], helper),
    ...Object.fromEntries(
      Object.entries(trial.parameters).map(([name, value]) => [variableOf(name), filling.write.text(name, value)]),
    ),
    SWEEP_PARAMETERS: jsonOfParameters(filling.write, trial.parameters),
    ...contract,
    ...s3,
    OBJECTIVE_METRIC: spec.objective.metric,
    OBJECTIVE_GOAL: spec.objective.goal,
  };
}

/** What the program inherits, less variables that it would take for ours: a caller's EPOCHS, or an inactive parameter's. */
function inheritable(inherited: TrialRun['inherited'], parameters: readonly string[]): Record<string, string> {
  const ours = new Set<string>([
    ...CONTRACT_VARIABLES,
    ...RUNNER_VARIABLES,
    ...parameters,
    ...Object.keys(SURROUNDINGS),
  ]);
  return Object.fromEntries(
    Object.entries(inherited).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !ours.has(entry[0]),
    ),
  );
}

/** As many threads as the slot's share of the cores. Otherwise, libraries in every trial would use all cores. */
function threads({ slot }: TrialRun, inherited: Record<string, string>): Record<string, string> {
  return inherited['OMP_NUM_THREADS'] === undefined
    ? { OMP_NUM_THREADS: String(Math.max(1, Math.floor(slot.cores))) }
    : {};
}

/**
 * If GPUs were promised, training on the CPU would cost a GPU's price for hours. Programs that read DEVICE, as the built-in
 * trainer does, end at once instead. A DEVICE set by the user is kept.
 */
function device({ slot, requiredGpus }: TrialRun): Record<string, string> {
  return requiredGpus > 0 || (slot.gpus !== null && slot.gpus.length > 0) ? { DEVICE: 'cuda' } : {};
}

function gpus({ slot }: TrialRun): Record<string, string> {
  return slot.gpus === null ? {} : { CUDA_VISIBLE_DEVICES: slot.gpus.join(',') };
}

/**
 * The project's own packages come first. The helper comes after what others put there, and Python puts the program's own
 * folder before all of it: a module of theirs that is called sweepstack stays theirs.
 */
function pythonPath(own: readonly string[], others: string | undefined, helper: string | null): Record<string, string> {
  if (own.length === 0 && helper === null) return {};
  return { PYTHONPATH: [...own, others, helper].filter(Boolean).join(':') };
}

/** W&B and MLflow read these themselves: the group is the sweep, the run is the trial, and an interrupted run continues. */
function trackers(
  sweepId: string,
  trialId: string,
  name: string,
  mlflow: string,
  inherited: Record<string, string>,
): Record<string, string> {
  const names = {
    WANDB_RUN_GROUP: sweepId,
    WANDB_RUN_ID: `${sweepId}-${trialId}`,
    WANDB_NAME: trialId,
    WANDB_RESUME: 'allow',
    MLFLOW_EXPERIMENT_NAME: name,
    MLFLOW_RUN_NAME: `${sweepId}-${trialId}`,
    // Else it writes into the copy of the source, which goes with the attempt.
    MLFLOW_TRACKING_URI: pathToFileURL(mlflow).href,
  };
  return Object.fromEntries(Object.entries(names).filter(([variable]) => inherited[variable] === undefined));
}

/** A variable that consists only of an inactive parameter's placeholder is not set. */
function extra(spec: Spec, secrets: Readonly<Record<string, string>>, filling: Filling): Record<string, string> {
  const plain = Object.entries(spec.training.environment).flatMap(([variable, value]) => {
    if (typeof value === 'object') return [];
    const only = onlyPlaceholder(String(value));
    return only !== null && isInactive(only, filling) ? [] : [[variable, fillText(String(value), filling)]];
  });
  return { ...Object.fromEntries(plain), ...secrets };
}
