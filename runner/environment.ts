import { toText } from '../core/base/text.ts';
import type { Spec } from '../core/spec/spec.ts';
import { CONTRACT_VARIABLES, RUNNER_VARIABLES, variableOf } from '../core/spec/variables.ts';
import { VCPUS_VARIABLE } from '../core/trial/cores.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import type { TrialRun } from './types.ts';

export interface Places {
  /** Null: the sweep has no data. */
  readonly data: string | null;
  readonly checkpoint: string;
  readonly model: string;
  readonly metrics: string;
  /** Put first on the PATH: the Python of `training.requirements`. */
  readonly bin: string | null;
}

/** The environment of the training program. `secrets`: the values of its secret variables, by variable. */
export function programEnvironment(
  spec: Spec,
  trial: ManifestTrial,
  sweepId: string,
  run: TrialRun,
  places: Places,
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  const inherited = inheritable(run.inherited, Object.keys(spec.search.space).map(variableOf));
  const path = [places.bin, inherited['PATH']].filter(Boolean).join(':');
  return {
    ...threads(run, inherited),
    ...device(run),
    ...trackers(sweepId, trial.id, spec.name, inherited),
    ...inherited,
    ...(path === '' ? {} : { PATH: path }),
    PYTHONUNBUFFERED: '1',
    ...gpus(run),
    ...extra(spec, secrets),
    ...Object.fromEntries(Object.entries(trial.parameters).map(([name, value]) => [variableOf(name), toText(value)])),
    SWEEP_PARAMETERS: JSON.stringify(trial.parameters),
    SWEEP_ID: sweepId,
    TRIAL_ID: trial.id,
    SEED: String(trial.seed ?? spec.training.seed),
    EPOCHS: String(trial.epochs),
    MAX_EPOCHS: String(spec.training.epochs),
    OBJECTIVE_METRIC: spec.objective.metric,
    OBJECTIVE_GOAL: spec.objective.goal,
    ...(places.data === null ? {} : { DATA_DIR: places.data }),
    CHECKPOINT_DIR: places.checkpoint,
    MODEL_DIR: places.model,
    METRICS_FILE: places.metrics,
  };
}

/** A caller's EPOCHS, or a variable called as a parameter that this trial does not have, would be taken for ours. */
function inheritable(inherited: TrialRun['inherited'], parameters: readonly string[]): Record<string, string> {
  const ours = new Set<string>([
    ...CONTRACT_VARIABLES,
    ...RUNNER_VARIABLES,
    ...parameters,
    'AWS_BATCH_JOB_ATTEMPT',
    'SWEEP_CACHE',
    'SWEEP_GPUS',
    VCPUS_VARIABLE,
    'SWEEP_WORK',
    'SWEEPSTACK_NODE',
  ]);
  return Object.fromEntries(
    Object.entries(inherited).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !ours.has(entry[0]),
    ),
  );
}

/** As many threads as the slot's share of the cores: libraries take all of them otherwise, once for each trial. */
function threads({ slot }: TrialRun, inherited: Record<string, string>): Record<string, string> {
  return inherited['OMP_NUM_THREADS'] === undefined
    ? { OMP_NUM_THREADS: String(Math.max(1, Math.floor(slot.cores))) }
    : {};
}

/**
 * With GPUs promised, training on the CPU after all would cost a GPU's price for hours: programs that know DEVICE, as the
 * built-in trainer does, end at once instead. Whoever sets DEVICE means it.
 */
function device({ slot, requiredGpus }: TrialRun): Record<string, string> {
  return requiredGpus > 0 || (slot.gpus !== null && slot.gpus.length > 0) ? { DEVICE: 'cuda' } : {};
}

function gpus({ slot }: TrialRun): Record<string, string> {
  return slot.gpus === null ? {} : { CUDA_VISIBLE_DEVICES: slot.gpus.join(',') };
}

/** W&B and MLflow read these by themselves: group = sweep, run = trial, and an interrupted run is gone on with. */
function trackers(
  sweepId: string,
  trialId: string,
  name: string,
  inherited: Record<string, string>,
): Record<string, string> {
  const names = {
    WANDB_RUN_GROUP: sweepId,
    WANDB_RUN_ID: `${sweepId}-${trialId}`,
    WANDB_NAME: trialId,
    WANDB_RESUME: 'allow',
    MLFLOW_EXPERIMENT_NAME: name,
    MLFLOW_RUN_NAME: `${sweepId}-${trialId}`,
  };
  return Object.fromEntries(Object.entries(names).filter(([variable]) => inherited[variable] === undefined));
}

function extra(spec: Spec, secrets: Readonly<Record<string, string>>): Record<string, string> {
  const plain = Object.entries(spec.training.environment).filter(([, value]) => typeof value !== 'object');
  return { ...Object.fromEntries(plain.map(([variable, value]) => [variable, String(value)])), ...secrets };
}
