/** The environment variables between the trial runner, the programs that it starts, and those who start it. */

/** What the runner tells each training program. No spec may set them. */
export const CONTRACT = {
  SWEEP_PARAMETERS: 'all parameters, as JSON',
  SWEEP_ID: 'which sweep this is',
  TRIAL_ID: 'which of its trials',
  SEED: 'the random seed',
  EPOCHS: 'train until this many epochs are done in total, including those in the checkpoint',
  MAX_EPOCHS: "the sweep's full budget; base schedules on it",
  OBJECTIVE_METRIC: 'the metric that trials are ranked by',
  OBJECTIVE_GOAL: 'which direction is better: `minimize` or `maximize`',
  DATA_DIR: 'the data, read only; not set if the spec names none',
  CHECKPOINT_DIR: 'a folder for what the program needs to continue',
  MODEL_DIR: 'a folder for the model',
  METRICS_FILE: 'a file to append metrics to, one JSON object a line',
} as const;

/** What the runner also tells a program if it applies. */
export const OFFERED = {
  PATH: 'the Python of `training.requirements` and of the source come first',
  PYTHONPATH: "the source's own packages, what others put there, then the module `sweepstack`",
  PYTHONUNBUFFERED: '`1`, so that the log is written at once; `training.environment` goes before it',
  OMP_NUM_THREADS: "the trial's share of the cores, unless it is set already",
  CUDA_VISIBLE_DEVICES: "the trial's GPUs; `training.environment` goes before it",
  DEVICE: '`cuda` if the trial has GPUs, unless it is set already',
  CUDA_MPS_PIPE_DIRECTORY: "NVIDIA's MPS, if trials share a GPU through it",
  CUDA_MPS_LOG_DIRECTORY: 'where it logs',
  S3_DATA_PATH: 'the address of the data, if the spec names one in S3',
  S3_OUTPUT_PATH: "the address for the attempt's model, if the sweep is stored in S3",
  AWS_BATCH_JOB_ID: 'on AWS, the job',
  AWS_DEFAULT_REGION: 'on AWS, the region, which boto3 reads under this name',
  WANDB_RUN_GROUP: 'the sweep, unless it is set already',
  WANDB_RUN_ID: 'the sweep and the trial, unless it is set already',
  WANDB_NAME: 'the trial, unless it is set already',
  WANDB_RESUME: '`allow`, unless it is set already, so that a trial continues its run',
  MLFLOW_EXPERIMENT_NAME: "the sweep's name, unless it is set already",
  MLFLOW_RUN_NAME: 'the sweep and the trial, unless it is set already',
  MLFLOW_TRACKING_URI: "a folder that is kept with the attempt's files, unless it is set already",
} as const;

/** What a job tells the runner. A spec may not set these: it would only seem to change the trial's job. */
export const JOB = {
  SWEEP_MANIFEST: 'what the job is to run',
  S3_DATA_PATH: 'the data of the sweep',
  S3_OUTPUT_PATH: "where the job's owner keeps results",
  SWEEP_SUBMITTED_AT: 'when the job was submitted, in UTC',
  AWS_BATCH_JOB_ARRAY_INDEX: 'which child of the array job this is',
} as const;

/** What else the runner reads of its own surroundings, and hides from programs. */
export const SURROUNDINGS = {
  AWS_BATCH_JOB_ATTEMPT: 'which attempt of the job this is',
  SWEEP_CACHE: "the host's cache for data, sources and packages; default: `/var/cache/sweepstack`",
  SWEEP_GPUS: 'GPUs of the profile; with fewer, the trial fails',
  SWEEP_VCPUS: 'vCPUs of the profile, the most cores that trials compute with',
  SWEEP_WORK: 'a folder for what belongs to one attempt; default: the folder for temporary files',
  SWEEPSTACK_NODE: 'the Node that runs this on your machine',
} as const;

/** The tables of docs/your-own-training-code.md: all of the above, a line each. */
export function variablesTable(): string {
  return [
    ...table('set for every program; a spec cannot set them', CONTRACT),
    '',
    ...table('set for programs if it applies', OFFERED),
    '',
    ...table('read by the trial runner; programs do not get these values', { ...JOB, ...SURROUNDINGS }),
  ].join('\n');
}

function table(title: string, variables: Readonly<Record<string, string>>): string[] {
  return [
    `| ${title} | |`,
    '| --- | --- |',
    ...Object.entries(variables).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
  ];
}
