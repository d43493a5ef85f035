import { hostname } from 'node:os';
import { CorruptObject } from '../core/base/errors.ts';
import { plainText } from '../core/base/plain.ts';
import * as keys from '../core/layout/keys.ts';
import type { Spec } from '../core/spec/spec.ts';
import { curveOf } from '../core/trial/curve.ts';
import type { Failure } from '../core/trial/failure.ts';
import type { Interruption } from '../core/trial/interruption.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import type { EpochMetrics } from '../core/trial/metrics.ts';
import type { ModelRewrite } from '../core/trial/model-rewrite.ts';
import { parseResult, type TrialResult } from '../core/trial/result.ts';
import { deletePrefix, uploadFolder } from '../storage/folders.ts';
import type { Attempt } from './attempt.ts';
import { markFailure } from './doomed.ts';
import { earlierInterruptions, whereAndWhen } from './interruptions.ts';
import type { Veil } from './redact.ts';
import type { TrialOutcome, TrialRun } from './types.ts';
import type { Verdict } from './verdict.ts';

/** A result that is there counts, whoever left it; one that cannot be read is removed, and the trial trained. */
export async function existingResult(
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

/** Uploads the attempt's files, then, last of all and only if there is none yet, its result. */
export async function leaveResult(
  attempt: Attempt,
  verdict: Exclude<Verdict, { status: 'interrupted' }>,
  metrics: string,
  epochs: readonly EpochMetrics[],
): Promise<TrialOutcome> {
  const { run, sweepId, trial, folders, log, name } = attempt;
  const prefix = keys.attemptPrefix(sweepId, trial.id, name);
  const [interrupted, rewrite, model] = await Promise.all([
    earlierInterruptions(run.store, sweepId, trial),
    attempt.checkpoints.modelRewrite(),
    verdict.status === 'succeeded'
      ? uploadFolder(run.store, folders.model, keys.modelPrefix(sweepId, trial.id, name))
      : { files: 0 },
    metrics === '' ? null : run.store.put(`${prefix}metrics.jsonl`, metrics),
    uploadFolder(run.store, folders.events, `${prefix}tensorboard/`),
    log.isEmpty ? null : run.store.put(`${prefix}log.txt`, log.kept()),
  ]);
  const result = resultOf(attempt, verdict, { modelFiles: model.files, rewrite, epochs, interrupted });
  if (verdict.status === 'failed')
    await markFailure(run.store, sweepId, attempt.round, verdict.failure.class, trial.id);
  const key = keys.resultKey(sweepId, trial.id, trial.epochs);
  if (await run.store.putIfAbsent(key, `${JSON.stringify(result)}\n`)) return outcomeOf(result);
  // Another attempt of this trial was faster: its result counts, whole, and nothing of this one stays.
  await deletePrefix(run.store, prefix);
  const winner = await existingResult(run, sweepId, trial);
  if (winner === null) throw new CorruptObject(`${key} was there and cannot be read`);
  return outcomeOf(winner);
}

/** The result of a trial that was not started. */
export async function leaveNotRun(
  run: TrialRun,
  spec: Spec,
  sweepId: string,
  trial: ManifestTrial,
  reason: string,
): Promise<TrialOutcome> {
  const result: TrialResult = {
    sweepId,
    trial: trial.trial,
    trialId: trial.id,
    epochs: trial.epochs,
    status: 'failed',
    ...objectiveOf(spec),
    value: null,
    epoch: null,
    diverged: false,
    failure: { class: 'not-run', reason },
    attempt: 'none',
    modelFiles: 0,
    facts: {
      startedAt: new Date().toISOString(),
      seconds: 0,
      host: hostname(),
      attemptNumber: Number(run.environment['AWS_BATCH_JOB_ATTEMPT'] ?? 1),
      logTail: '',
    },
  };
  await run.store.putIfAbsent(keys.resultKey(sweepId, trial.id, trial.epochs), `${JSON.stringify(result)}\n`);
  return outcomeOf((await existingResult(run, sweepId, trial)) ?? result);
}

function outcomeOf(result: TrialResult): TrialOutcome {
  return { status: result.status, exitCode: result.status === 'succeeded' ? 0 : 1, result };
}

interface Left {
  readonly modelFiles: number;
  readonly rewrite: ModelRewrite | undefined;
  readonly epochs: readonly EpochMetrics[];
  /** Earlier attempts. */
  readonly interrupted: Interruption[];
}

function resultOf(
  attempt: Attempt,
  verdict: Exclude<Verdict, { status: 'interrupted' }>,
  { modelFiles, rewrite, epochs, interrupted }: Left,
): TrialResult {
  const { sweepId, trial, spec, name, log } = attempt;
  const succeeded = verdict.status === 'succeeded' ? verdict : null;
  return {
    sweepId,
    trial: trial.trial,
    trialId: trial.id,
    epochs: trial.epochs,
    status: verdict.status,
    ...objectiveOf(spec),
    value: succeeded?.value ?? null,
    epoch: succeeded?.epoch ?? null,
    diverged: succeeded?.diverged ?? false,
    ...(succeeded?.stopped === undefined ? {} : { stopped: succeeded.stopped }),
    failure: verdict.status === 'failed' ? told(verdict.failure, attempt.veil) : null,
    attempt: name,
    curve: curveOf(epochs, spec.objective.metric),
    modelFiles,
    facts: {
      ...whereAndWhen(attempt),
      ...(interrupted.length === 0 ? {} : { interrupted }),
      ...(rewrite === undefined || modelFiles === 0 ? {} : { modelRewrite: rewrite }),
      logTail: verdict.status === 'failed' ? attempt.veil.text(log.tail()) : '',
    },
  };
}

/** A reason may quote what the program said: without its secrets, and without what would play on a terminal. */
function told({ class: name, reason }: Failure, veil: Veil): Failure {
  return { class: name, reason: plainText(veil.text(reason)) };
}

function objectiveOf({ objective: { metric, goal, at } }: Spec) {
  return { metric, goal, at };
}
