import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { CorruptObject } from '../core/errors.ts';
import type { Failure, FailureClass, ProgramEnd } from '../core/failure.ts';
import * as keys from '../core/keys.ts';
import { type ManifestTrial, manifestReference, parseManifestReference } from '../core/manifest.ts';
import { fillCommand } from '../core/placeholders.ts';
import { parseResult, type TrialResult } from '../core/result.ts';
import type { Spec } from '../core/spec.ts';
import { deletePrefix, uploadFolder } from '../storage/folders.ts';
import { readManifestLines, readSpec } from '../storage/sweeps.ts';
import { type AttemptFolders, makeFolders } from './attempt.ts';
import { Checkpoints } from './checkpoint.ts';
import { fetchData } from './data.ts';
import { programEnvironment, type Secrets } from './environment.ts';
import { countGpus } from './gpus.ts';
import { Log } from './log.ts';
import { runProgram } from './program.ts';
import { pythonEnvironment } from './python.ts';
import { copySource, fetchSource } from './source.ts';
import type { TrialOutcome, TrialRun } from './types.ts';
import { judge, type Verdict } from './verdict.ts';
import { readMetrics, watch } from './watch.ts';

export type { RunnerEvent, TrialOutcome, TrialRun } from './types.ts';

/** One attempt of one trial, from here to its result. */
interface Attempt {
  readonly run: TrialRun;
  readonly sweepId: string;
  readonly spec: Spec;
  readonly trial: ManifestTrial;
  readonly number: number;
  /** Its folder below `trials/<id>/`: no two attempts ever share one. */
  readonly name: string;
  readonly folders: AttemptFolders;
  readonly log: Log;
  readonly checkpoints: Checkpoints;
  readonly startedAt: Date;
}

/**
 * Trains one trial: reads its manifest line, prepares a private folder, runs the training command, and leaves a result.
 * An interrupted attempt leaves a checkpoint and no result. @throws when the store cannot be read or written
 */
export async function runTrial(run: TrialRun): Promise<TrialOutcome> {
  const { sweepId, trial } = await ownTrial(run);
  const existing = await existingResult(run, sweepId, trial);
  if (existing !== null)
    return { status: 'reused', exitCode: existing.status === 'succeeded' ? 0 : 1, result: existing };
  const spec = await sweepSpec(run, sweepId);
  const { id, parameters, epochs } = trial;
  run.onEvent?.({ type: 'started', trial: trial.trial, id, parameters, epochs });
  const number = Number(run.environment['AWS_BATCH_JOB_ATTEMPT'] ?? 1);
  const folders = await makeFolders(resolve(run.workFolder));
  const attempt: Attempt = {
    run,
    sweepId,
    spec,
    trial,
    number,
    name: `${number}-${randomBytes(3).toString('hex')}`,
    folders,
    log: new Log(spec.objective.pattern !== undefined),
    checkpoints: new Checkpoints(run.store, keys.checkpointPrefix(sweepId, id), folders.checkpoint),
    startedAt: new Date(),
  };
  try {
    return await train(attempt);
  } finally {
    await rm(folders.root, { recursive: true, force: true });
  }
}

/** The manifest's line that is this child's. */
async function ownTrial({ environment, store }: TrialRun): Promise<{ sweepId: string; trial: ManifestTrial }> {
  const { url, width } = parseManifestReference(environment['SWEEP_MANIFEST'] ?? '');
  const key = url.startsWith(`${store.url}/`) ? url.slice(store.url.length + 1) : '';
  const sweepId = /^sweeps\/([0-9A-Za-z_-]+)\/rounds\//.exec(key)?.[1];
  if (sweepId === undefined)
    throw new CorruptObject(`SWEEP_MANIFEST: received ${url}; allowed: a manifest of the store ${store.url}`);
  const line = Number(environment['AWS_BATCH_JOB_ARRAY_INDEX'] ?? 0);
  const [trial] = await readManifestLines(store, manifestReference(key, width), line, 1);
  if (trial === undefined) throw new CorruptObject(`${key} has no line ${line}`);
  return { sweepId, trial };
}

/** A result that is there counts, whoever left it; one that cannot be read is removed, and the trial trained. */
async function existingResult(
  { store }: TrialRun,
  sweepId: string,
  { id, epochs }: ManifestTrial,
): Promise<TrialResult | null> {
  const key = keys.resultKey(sweepId, id, epochs);
  const object = await store.get(key);
  if (object === null) return null;
  const result = parseResult(object.body, { sweepId, trialId: id, epochs });
  if (result === null) await store.delete([key]);
  return result;
}

/** One sweep's spec is the same for all its trials in this process; a resumed one may differ, hence by its ETag. */
const specs = new WeakMap<
  TrialRun['store'],
  { readonly etag: string; readonly sweepId: string; readonly spec: Spec }
>();

async function sweepSpec({ store }: TrialRun, sweepId: string): Promise<Spec> {
  const object = await store.get(keys.specKey(sweepId));
  const known = specs.get(store);
  if (object !== null && known?.etag === object.etag && known.sweepId === sweepId) return known.spec;
  const spec = await readSpec(store, sweepId);
  if (object === null || spec === null) throw new CorruptObject(`${keys.specKey(sweepId)} is not there`);
  specs.set(store, { etag: object.etag, sweepId, spec });
  return spec;
}

async function train(attempt: Attempt): Promise<TrialOutcome> {
  const { run, log } = attempt;
  let prepared: Prepared;
  try {
    prepared = await prepare(attempt);
  } catch (error) {
    if (run.signal.aborted) return INTERRUPTED;
    log.add(`sweep: ${(error as Error).message}\n`);
    return leaveResult(attempt, { status: 'failed', failure: setupFailure(error) }, '');
  }
  const { end, timedOut } = await execute(attempt, prepared);
  const { text, epochs } = await readMetrics(attempt.spec, attempt.folders.metrics, log, prepared.metrics);
  const verdict = judge(attempt.spec, end, epochs, { interrupted: run.signal.aborted, timedOut });
  // Also of a trial that failed: trained again, or longer, it goes on from here.
  await attempt.checkpoints.save(text, true);
  return verdict.status === 'interrupted' ? INTERRUPTED : leaveResult(attempt, verdict, text);
}

const INTERRUPTED: TrialOutcome = { status: 'interrupted', exitCode: 75, result: null };

interface Prepared {
  readonly command: string[];
  readonly environment: Record<string, string>;
  /** The metrics lines that came with the checkpoint. */
  readonly metrics: string;
}

/** Everything the program finds when it starts. */
async function prepare({ run, sweepId, spec, trial, folders, log, checkpoints }: Attempt): Promise<Prepared> {
  await checkGpus(run);
  const { training } = spec;
  const [restored, source, data] = await Promise.all([
    checkpoints.restore(),
    fetchSource(run.store, training.source, run.cacheFolder, folders.root),
    fetchData(run.store, sweepId, run.environment['S3_DATA_PATH'] ?? '', run.cacheFolder, folders.root),
  ]);
  if (restored.damage !== null) {
    log.add(`sweep: the checkpoint is damaged (${restored.damage}); the trial starts from the beginning\n`);
    await rm(folders.checkpoint, { recursive: true, force: true });
    await makeFolders(folders.root);
  }
  await Promise.all([
    copySource(source, folders.source),
    restored.metrics === '' ? null : writeFile(folders.metrics, restored.metrics),
  ]);
  const bin =
    training.requirements === undefined || source === null
      ? null
      : await pythonEnvironment(join(source, training.requirements), run.cacheFolder, join(folders.root, 'python'));
  const places = { data, checkpoint: folders.checkpoint, model: folders.model, metrics: folders.metrics, bin };
  return {
    command:
      training.command === undefined ? await run.builtInCommand() : fillCommand(training.command, trial.parameters),
    environment: programEnvironment(spec, trial, sweepId, run, places, localSecrets(run)),
    metrics: restored.metrics,
  };
}

/** Here a secret is the caller's own variable of that name. */
const localSecrets =
  ({ inherited }: TrialRun): Secrets =>
  (variable) =>
    inherited[variable] ?? null;

async function checkGpus({ requiredGpus, slot, inherited }: TrialRun): Promise<void> {
  if (requiredGpus === 0) return;
  const usable = slot.gpus === null ? await countGpus(inherited) : slot.gpus.length;
  if (usable < requiredGpus)
    throw new SetupError('too-few-gpus', `${usable} GPUs are usable, and the profile promises ${requiredGpus}`);
}

class SetupError extends Error {
  readonly failureClass: FailureClass;
  constructor(failureClass: FailureClass, message: string) {
    super(message);
    this.failureClass = failureClass;
  }
}

function setupFailure(error: unknown): Failure {
  const { message, failureClass, name, code } = error as Error & { failureClass?: FailureClass; code?: string };
  if (failureClass !== undefined) return { class: failureClass, reason: message };
  if (name === 'AccessDenied') return { class: 'data-denied', reason: message };
  if (code === 'ENOSPC' || /ENOSPC|No space left/.test(message)) return { class: 'disk-full', reason: message };
  return { class: 'setup', reason: message };
}

/** Runs the program under the trial's own timer; interruption and timer both end it gently, then surely. */
async function execute(attempt: Attempt, prepared: Prepared): Promise<{ end: ProgramEnd; timedOut: boolean }> {
  const { run, spec, folders, log, checkpoints } = attempt;
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), Math.min(spec.compute.timeoutMinutes * 60_000, MAX_TIMER_MS));
  const watching = watch(run, spec, folders.metrics, log, prepared.metrics, checkpoints, (line) =>
    log.add(`sweep: ${line}\n`),
  );
  try {
    const { exitCode, signal } = await runProgram({
      command: prepared.command,
      folder: folders.source,
      environment: prepared.environment,
      onOutput: (chunk) => log.add(chunk),
      stop: AbortSignal.any([run.signal, timer.signal]),
      graceSeconds: run.graceSeconds ?? DEFAULT_GRACE_SECONDS,
    });
    return { end: { exitCode, signal, logTail: log.tail() }, timedOut: timer.signal.aborted };
  } finally {
    clearTimeout(timeout);
    await watching.stop();
  }
}

/** Batch kills 30 s after SIGTERM; what is left is for the checkpoint's upload. */
const DEFAULT_GRACE_SECONDS = 20;
/** The longest that setTimeout takes (2^31 - 1 ms, 24.8 days); Batch's own limit lies below it. */
const MAX_TIMER_MS = 2_147_483_647;

/** Uploads the attempt's files, then, last of all and only if there is none yet, its result. */
async function leaveResult(
  attempt: Attempt,
  verdict: Exclude<Verdict, { status: 'interrupted' }>,
  metrics: string,
): Promise<TrialOutcome> {
  const { run, sweepId, trial, folders, log, name } = attempt;
  const prefix = keys.attemptPrefix(sweepId, trial.id, name);
  const [model] = await Promise.all([
    verdict.status === 'succeeded' ? uploadFolder(run.store, folders.model, `${prefix}model/`) : { files: 0 },
    metrics === '' ? null : run.store.put(`${prefix}metrics.jsonl`, metrics),
    log.isEmpty ? null : run.store.put(`${prefix}log.txt`, log.kept()),
  ]);
  const result = resultOf(attempt, verdict, model.files);
  const key = keys.resultKey(sweepId, trial.id, trial.epochs);
  if (await run.store.putIfAbsent(key, `${JSON.stringify(result)}\n`)) return outcomeOf(result);
  // Another attempt of this trial was faster: its result counts, whole, and nothing of this one stays.
  await deletePrefix(run.store, prefix);
  const winner = await existingResult(run, sweepId, trial);
  if (winner === null) throw new CorruptObject(`${key} was there and cannot be read`);
  return outcomeOf(winner);
}

function outcomeOf(result: TrialResult): TrialOutcome {
  return { status: result.status, exitCode: result.status === 'succeeded' ? 0 : 1, result };
}

function resultOf(
  attempt: Attempt,
  verdict: Exclude<Verdict, { status: 'interrupted' }>,
  modelFiles: number,
): TrialResult {
  const { sweepId, trial, spec, name, number, startedAt, log } = attempt;
  const succeeded = verdict.status === 'succeeded' ? verdict : null;
  return {
    sweepId,
    trial: trial.trial,
    trialId: trial.id,
    epochs: trial.epochs,
    status: verdict.status,
    metric: spec.objective.metric,
    value: succeeded?.value ?? null,
    epoch: succeeded?.epoch ?? null,
    diverged: succeeded?.diverged ?? false,
    failure: verdict.status === 'failed' ? verdict.failure : null,
    attempt: name,
    modelFiles,
    facts: {
      startedAt: startedAt.toISOString(),
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      host: hostname(),
      attemptNumber: number,
      logTail: verdict.status === 'failed' ? log.tail() : '',
    },
  };
}
