import { resultKey } from '../../core/layout/keys.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import type { RunTrial } from '../../local/trials.ts';
import type { TrialOutcome, TrialRun } from '../../runner/types.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** What a program would have done: a value, a failure (null), or nothing because it was interrupted. */
export type Train = (trial: ManifestTrial, run: TrialRun) => Promise<number | null | 'interrupted'>;

/** A runner without processes: it reuses a result, and leaves one. */
export function fakeRunner(sweepId: string, train: Train): RunTrial {
  return async (run, { trial }) => {
    const key = resultKey(sweepId, trial.id, trial.epochs);
    const known = await run.store.get(key);
    if (known !== null) return { status: 'reused', exitCode: 0, result: JSON.parse(known.body.toString()) };
    run.onEvent?.({ type: 'started', ...trial });
    const value = await train(trial, run);
    if (value === 'interrupted') return { status: 'interrupted', exitCode: 75, result: null };
    run.onEvent?.({ type: 'metrics', epoch: 1, value });
    return leave(run.store, key, resultOf(sweepId, trial, value, run));
  };
}

async function leave(store: ObjectStore, key: string, result: TrialResult): Promise<TrialOutcome> {
  await store.putIfAbsent(key, JSON.stringify(result));
  return { status: result.status, exitCode: result.status === 'succeeded' ? 0 : 1, result };
}

function resultOf(sweepId: string, trial: ManifestTrial, value: number | null, run: TrialRun): TrialResult {
  return {
    sweepId,
    trial: trial.trial,
    trialId: trial.id,
    epochs: trial.epochs,
    status: value === null ? 'failed' : 'succeeded',
    metric: 'val_accuracy',
    value,
    epoch: value === null ? null : 1,
    diverged: false,
    failure: value === null ? { class: 'exit-status', reason: 'the program exited with status 3' } : null,
    attempt: 'a1',
    modelFiles: 0,
    facts: {
      startedAt: '2026-01-01T00:00:00.000Z',
      seconds: 1,
      host: 'here',
      attemptNumber: Number(run.environment['AWS_BATCH_JOB_ATTEMPT']),
      logTail: '',
    },
  };
}
