import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PREPARATION_SECONDS } from '../core/aws/time-limits.ts';
import { programText } from '../core/space/program-text.ts';
import { fillCommand } from '../core/spec/command.ts';
import { contractValues } from '../core/spec/contract-values.ts';
import type { Filling } from '../core/spec/placeholders.ts';
import type { Failure, FailureClass } from '../core/trial/failure.ts';
import type { Attempt } from './attempt.ts';
import { makeFolders } from './attempt-folders.ts';
import { placeBeside } from './beside-program.ts';
import { fetchData } from './data.ts';
import { programEnvironment } from './environment.ts';
import { countGpus } from './gpus.ts';
import { placeHelper } from './helper.ts';
import { pythonEnvironment } from './python.ts';
import { projectPaths } from './python-project.ts';
import { readSecrets } from './secrets.ts';
import { copySource, fetchSource } from './source.ts';
import type { TrialRun } from './types.ts';
import { s3Variables } from './uploads.ts';

export interface TrialSetup {
  readonly command: string[];
  /** Where the program starts. */
  readonly folder: string;
  readonly environment: Record<string, string>;
  /** The metrics lines that came with the checkpoint. */
  readonly metrics: string;
}

/**
 * Everything the program finds when it starts. Work that is not done at the time limit is abandoned: in a container it
 * ends with the container, in a local run it may still fill the cache for a later trial.
 */
export async function setUpInTime(attempt: Attempt): Promise<TrialSetup> {
  const seconds = attempt.run.preparationSeconds ?? PREPARATION_SECONDS;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SetupError('setup-timeout', tooLong(seconds))), seconds * 1000);
  });
  try {
    return await Promise.race([setUp(attempt), late]);
  } finally {
    clearTimeout(timer);
  }
}

const tooLong = (seconds: number): string =>
  `fetching the source and data and installing packages took longer than the allowed ${seconds / 60} minutes`;

async function setUp(attempt: Attempt): Promise<TrialSetup> {
  const { run, sweepId, spec, trial, folders, log, checkpoints, veil } = attempt;
  await checkGpus(run);
  const secrets = await readSecrets(spec, run);
  veil.hide(Object.values(secrets));
  const { training } = spec;
  const [restored, source, data] = await Promise.all([
    checkpoints.restore(),
    fetchSource(run.store, training.source, run.cacheFolder, folders.root),
    fetchData(run.store, sweepId, run.environment['S3_DATA_PATH'] ?? '', run.cacheFolder, folders.root),
  ]);
  if (restored.unusable !== null) {
    log.add(`sweep: ${restored.unusable}; the trial starts from the beginning\n`);
    for (const folder of [folders.checkpoint, folders.model]) await rm(folder, { recursive: true, force: true });
    await makeFolders(folders.root);
  }
  await Promise.all([
    copySource(source, folders.source),
    restored.metrics === '' ? null : writeFile(folders.metrics, restored.metrics),
  ]);
  const bin =
    training.requirements === undefined || source === null
      ? null
      : await (run.pythonEnvironment ?? pythonEnvironment)(
          join(source, training.requirements),
          run.cacheFolder,
          join(folders.root, 'python'),
        );
  const project =
    bin === null
      ? null
      : await projectPaths(join(folders.source, training.requirements!), join(folders.root, 'project'));
  const filling: Filling = {
    parameters: trial.parameters,
    contract: contractValues({ ...training, epochs: Math.max(run.maxEpochs ?? 0, training.epochs) }, trial, sweepId, {
      ...folders,
      data,
    }),
    argsFolder: folders.root,
    write: programText(spec.search.space),
  };
  return {
    command: training.command === undefined ? await run.builtInCommand() : fillCommand(training.command, filling),
    folder: await placeBeside(training, folders, filling),
    environment: programEnvironment(spec, trial, run, {
      ...{ bin, project, secrets, filling, mlflow: folders.mlflow },
      // The built-in trainer has no use for it.
      helper: training.command === undefined ? null : await placeHelper(run.cacheFolder, folders.root),
      s3: s3Variables(attempt),
    }),
    metrics: restored.metrics,
  };
}

async function checkGpus({ requiredGpus, slot, inherited }: TrialRun): Promise<void> {
  if (requiredGpus === 0) return;
  const usable = slot.gpus === null ? await countGpus(inherited) : slot.gpus.length;
  if (usable < requiredGpus)
    throw new SetupError('too-few-gpus', `${usable} GPUs can be used, but the profile promises ${requiredGpus}`);
}

class SetupError extends Error {
  readonly failureClass: FailureClass;
  constructor(failureClass: FailureClass, message: string) {
    super(message);
    this.failureClass = failureClass;
  }
}

export function setupFailure(error: unknown): Failure {
  const { message, failureClass, name, code } = error as Error & { failureClass?: FailureClass; code?: string };
  if (failureClass !== undefined) return { class: failureClass, reason: message };
  if (name === 'AccessDenied') return { class: 'data-denied', reason: message };
  if (name === 'ObjectChanged') return { class: 'data-missing', reason: message };
  if (code === 'ENOSPC' || /ENOSPC|No space left/.test(message)) return { class: 'disk-full', reason: message };
  return { class: 'setup', reason: message };
}
