import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { CorruptObject } from '../core/base/errors.ts';
import { plainText } from '../core/base/plain.ts';
import type { Spec } from '../core/spec/spec.ts';
import { curveOf } from '../core/trial/curve.ts';
import type { EpochWarning } from '../core/trial/epoch-warnings.ts';
import { type Failure, isSkipped, isTrainedAgain } from '../core/trial/failure.ts';
import type { Interruption } from '../core/trial/interruption.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import { leftOutEpochs } from '../core/trial/metrics.ts';
import type { ModelRewrite } from '../core/trial/model-rewrite.ts';
import type { EpochMetrics } from '../core/trial/numbering.ts';
import { judgedFor } from '../core/trial/objective.ts';
import type { Provenance } from '../core/trial/provenance.ts';
import { NO_ATTEMPT, type TrialResult } from '../core/trial/result.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { Attempt } from './attempt.ts';
import { earlierInterruptions, whereAndWhen } from './interruptions.ts';
import { forgetParcel, keepParcel, keptParcel, type Parcel, persistently, StoreFailed, storeParcel } from './parcel.ts';
import type { Veil } from './redact.ts';
import { trialWaits, whenAvailable } from './scarce.ts';
import type { TrialOutcome, TrialRun } from './types.ts';
import type { ProgramVerdict } from './verdict.ts';

/** An existing result counts, whoever wrote it. One that cannot be read is removed, and the trial is trained. */
export async function existingResult(
  { store }: Pick<TrialRun, 'store'>,
  sweepId: string,
  { id, epochs }: Pick<ManifestTrial, 'id' | 'epochs'>,
): Promise<TrialResult | null> {
  const { results } = sweepObjects(store, sweepId);
  const name = { trialId: id, epochs };
  const result = await results.read(name);
  if (result !== 'malformed') return result;
  await results.discard(name);
  return null;
}

export interface ReportedAtEnd {
  /** As metrics lines. */
  readonly text: string;
  readonly epochs: readonly EpochMetrics[];
  /** The file that objective.file found. */
  readonly file: string | null;
  readonly warnings: readonly EpochWarning[];
  /** Of its outputs, what a person should know. */
  readonly notes: readonly string[];
  /** The program put files of its model into the store itself. */
  readonly hasUploads: boolean;
}

/**
 * Stores what the attempt leaves. If the store refuses, it retries and finally keeps the files on this machine, so that
 * nothing has to be trained again because storing failed.
 * @throws StoreFailed if it was kept, or would have been if there were a place for it
 */
export async function leaveResult(
  attempt: Attempt,
  verdict: Exclude<ProgramVerdict, { status: 'interrupted' }>,
  { text: metrics, epochs, file, warnings, notes, hasUploads }: ReportedAtEnd,
): Promise<TrialOutcome> {
  const { run, sweepId, trial, folders, log } = attempt;
  const [where, interrupted, rewrite, misplaced, provenance] = await Promise.all([
    whereAndWhen(attempt),
    earlierInterruptions(run.store, sweepId, trial),
    attempt.checkpoints.modelRewrite().catch(() => undefined),
    attempt.checkpoints.misplaced().catch(() => null),
    attempt.provenance.found(),
  ]);
  // Nothing of it is stored, and it may be what fills the disk.
  if (verdict.status === 'failed') await removeAll([folders.model, folders.checkpoint, folders.source]);
  const leftOut = file === null ? leftOutEpochs(metrics) : null;
  const told = [...notes.map(attempt.veil.text), misplaced, leftOut].filter((note) => note !== null);
  const result = resultOf(attempt, explained(verdict, leftOut), {
    where,
    rewrite,
    epochs,
    file,
    warnings,
    interrupted,
    notes: told,
    provenance,
  });
  return deliver(run, attempt.round, trial, {
    root: folders.root,
    result,
    metrics,
    log: log.isEmpty ? '' : log.kept(),
    hasUploads,
  });
}

/** A training of an earlier run whose result could not be stored; null if there is none. */
export async function leaveKept(
  run: TrialRun,
  sweepId: string,
  round: number,
  trial: ManifestTrial,
): Promise<TrialOutcome | null> {
  const kept = run.keepFolder === undefined ? null : await keptParcel(run.keepFolder, sweepId, trial);
  if (kept === null || kept.result.sweepId !== sweepId || kept.result.trialId !== trial.id) return null;
  const outcome = await deliver(run, round, trial, kept);
  await forgetParcel(kept);
  return outcome;
}

async function deliver(run: TrialRun, round: number, trial: ManifestTrial, parcel: Parcel): Promise<TrialOutcome> {
  const { sweepId, trialId: id, epochs, attempt, failure } = parcel.result;
  const { attempts, failures } = sweepObjects(run.store, sweepId);
  const left = attempts.ofTrial(id, attempt);
  try {
    // Too many open files are none of the store's faults: other trials end and let theirs go.
    const store = () => persistently(() => storeParcel(run.store, parcel), run.signal, run.storePauses);
    const counts = await whenAvailable(store, trialWaits(run.signal));
    if (counts && failure !== null && !isSkipped(failure.class))
      await failures.put(round, failure.class, trial).catch(() => {});
    // Another attempt of this trial was faster: its result counts, whole, and nothing of this one stays.
    if (!counts) await left.remove();
  } catch (error) {
    // Half a model helps nobody, and its room may be what the rest needs. What a program uploaded is nowhere else.
    if (!parcel.hasUploads) await left.remove().catch(() => {});
    throw await kept(run, parcel, error as Error);
  }
  const stored = await existingResult(run, sweepId, { id, epochs });
  if (stored === null)
    throw new CorruptObject(`the result of trial ${id} was there and cannot be read; run the sweep again`);
  return outcomeOf(stored);
}

async function kept(run: TrialRun, parcel: Parcel, error: Error): Promise<Error> {
  if (run.keepFolder === undefined) return error;
  const { trial, trialId, failure } = parcel.result;
  // Whatever failed it may be gone by then, as a full disk is.
  if (failure !== null && isTrainedAgain(failure))
    return new StoreFailed(
      `trial ${trial} (${trialId}) failed (${failure.class}: ${failure.reason}), which cannot be stored: ${error.message}; fix that, then run the sweep again, which trains it again`,
    );
  const what = `the result of trial ${trial} (${trialId}) cannot be stored: ${error.message}`;
  try {
    const place = await keepParcel(run.keepFolder, parcel);
    return new StoreFailed(
      `${what}; what it trained is kept in ${place}: fix that, then run the sweep again, which stores it`,
    );
  } catch (again) {
    return new StoreFailed(
      `${what}; nor can it be kept here (${(again as Error).message}): fix that, then run the sweep again`,
    );
  }
}

async function removeAll(folders: readonly string[]): Promise<void> {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }).catch(() => {})));
}

/** The result of a trial that was not started. */
export async function leaveUntrained(
  run: TrialRun,
  spec: Spec,
  sweepId: string,
  trial: ManifestTrial,
  failure: Failure,
): Promise<TrialOutcome> {
  const result: TrialResult = {
    sweepId,
    trial: trial.trial,
    trialId: trial.id,
    epochs: trial.epochs,
    status: 'failed',
    ...judgedFor(spec.objective),
    value: null,
    epoch: null,
    diverged: false,
    failure,
    attempt: NO_ATTEMPT,
    modelFiles: 0,
    facts: {
      startedAt: new Date().toISOString(),
      seconds: 0,
      host: hostname(),
      attemptNumber: Number(run.environment['AWS_BATCH_JOB_ATTEMPT'] ?? 1),
      logTail: '',
    },
  };
  await sweepObjects(run.store, sweepId).results.leave(result);
  return outcomeOf((await existingResult(run, sweepId, trial)) ?? result);
}

function outcomeOf(result: TrialResult): TrialOutcome {
  return { status: result.status, exitCode: result.status === 'succeeded' ? 0 : 1, result };
}

interface Left extends Omit<ReportedAtEnd, 'text' | 'notes' | 'hasUploads'> {
  readonly where: Awaited<ReturnType<typeof whereAndWhen>>;
  readonly rewrite: ModelRewrite | undefined;
  /** Earlier attempts. */
  readonly interrupted: Interruption[];
  /** What it left that is not stored. */
  readonly notes: readonly string[];
  readonly provenance: Provenance | undefined;
}

function resultOf(
  attempt: Attempt,
  verdict: Exclude<ProgramVerdict, { status: 'interrupted' }>,
  { where, rewrite, epochs, file, warnings, interrupted, notes, provenance }: Left,
): TrialResult {
  const { sweepId, trial, spec, name, log } = attempt;
  const succeeded = verdict.status === 'succeeded' ? verdict : null;
  const usage = attempt.usage.usage(epochs, attempt.run.hasNeighbours?.() ?? false);
  return {
    sweepId,
    trial: trial.trial,
    trialId: trial.id,
    epochs: trial.epochs,
    status: verdict.status,
    ...judgedFor(spec.objective),
    ...(succeeded?.others === undefined ? {} : { others: succeeded.others }),
    value: succeeded?.value ?? null,
    epoch: succeeded?.epoch ?? null,
    diverged: succeeded?.diverged ?? false,
    ...(succeeded?.stopped === undefined ? {} : { stopped: succeeded.stopped }),
    failure: verdict.status === 'failed' ? veiled(verdict.failure, attempt.veil) : null,
    attempt: name,
    curve: curveOf(epochs, spec.objective.metric),
    modelFiles: 0,
    facts: {
      ...where,
      ...(interrupted.length === 0 ? {} : { interrupted }),
      ...(rewrite === undefined ? {} : { modelRewrite: rewrite }),
      ...(attempt.memory.peak === null ? {} : { peakMemory: attempt.memory.peak }),
      ...(usage === null ? {} : { usage }),
      ...(file === null ? {} : { metricsFile: attempt.veil.text(file) }),
      ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
      ...(notes.length === 0 ? {} : { notes: [...notes] }),
      ...(provenance === undefined ? {} : { provenance }),
      logTail: verdict.status === 'failed' ? attempt.veil.text(log.tail()) : '',
    },
  };
}

/** Lines that were ignored may explain why nothing was reported. */
function explained<V extends ProgramVerdict>(verdict: V, leftOut: string | null): V {
  if (leftOut === null || verdict.status !== 'failed' || verdict.failure.class !== 'no-metric') return verdict;
  return { ...verdict, failure: { ...verdict.failure, reason: `${verdict.failure.reason}; ${leftOut}` } };
}

/** A reason may quote what the program said: without its secrets, and without what would play on a terminal. */
function veiled({ class: name, reason }: Failure, veil: Veil): Failure {
  return { class: name, reason: plainText(veil.text(reason)) };
}
