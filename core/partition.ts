import * as z from 'zod';
import type { TrialRecord } from './leaderboard.ts';
import type { ManifestTrial } from './manifest.ts';
import type { TrialResult } from './result.ts';

/** What a partition holds of one trial: the record that is ranked, and the facts that only the machine decides. */
export interface CollectedTrial {
  readonly record: TrialRecord;
  readonly facts: TrialFacts;
}

export interface TrialFacts {
  readonly trial: number;
  readonly id: string;
  /** Where its files are, below `trials/<id>/`; null when it left no result. */
  readonly attempt: string | null;
  readonly modelFiles: number;
  readonly startedAt: string | null;
  readonly seconds: number | null;
  readonly host: string | null;
  readonly attemptNumber: number | null;
  readonly reason: string | null;
  readonly logTail: string;
}

/** `partition-<n>.json`. Our own Lambda wrote it whole, so its envelope is checked, not each of its 2,000 trials. */
export const partitionSchema = z.object({
  trials: z.array(z.custom<CollectedTrial>((trial) => typeof trial === 'object' && trial !== null)),
});

/**
 * A trial as its result tells it. `result` null: nothing there (lost); 'malformed': something that cannot be read, or
 * is of another trial. Both count as failed, never as zero.
 */
export function collect(
  trial: ManifestTrial,
  epochs: number,
  result: TrialResult | null | 'malformed',
): CollectedTrial {
  const base = { trial: trial.trial, id: trial.id };
  if (result === null || result === 'malformed') {
    const failureClass = result === null ? 'lost' : 'malformed-result';
    const reason = result === null ? 'it left no result' : 'its result cannot be read';
    return {
      record: {
        ...base,
        parameters: trial.parameters,
        value: null,
        epoch: null,
        epochs,
        status: 'failed',
        diverged: false,
        failureClass,
      },
      facts: {
        ...base,
        attempt: null,
        modelFiles: 0,
        startedAt: null,
        seconds: null,
        host: null,
        attemptNumber: null,
        reason,
        logTail: '',
      },
    };
  }
  const { value, epoch, status, diverged, failure, attempt, modelFiles, facts } = result;
  return {
    record: {
      ...base,
      parameters: trial.parameters,
      value,
      epoch,
      epochs,
      status,
      diverged,
      failureClass: failure?.class ?? null,
    },
    facts: { ...base, attempt, modelFiles, ...facts, reason: failure?.reason ?? null },
  };
}
