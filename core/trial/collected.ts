import * as z from 'zod';
import type { Curve } from './curve.ts';
import type { EpochWarning } from './epoch-warnings.ts';
import { type Failure, isSkipped } from './failure.ts';
import type { Instance } from './instance.ts';
import type { Interruption } from './interruption.ts';
import type { ManifestTrial } from './manifest.ts';
import type { PeakMemory } from './memory.ts';
import type { ModelRewrite } from './model-rewrite.ts';
import type { Phases, SecondsByPhase } from './phases.ts';
import type { Provenance } from './provenance.ts';
import type { TrialRecord } from './record.ts';
import { NO_ATTEMPT, type TrialResult } from './result.ts';
import type { Usage } from './usage.ts';

/** One trial in a partition: the record that is ranked, and metadata that depends on the machine. */
export interface CollectedTrial {
  readonly record: TrialRecord;
  readonly facts: TrialMetadata;
}

export interface TrialMetadata {
  readonly trial: number;
  readonly id: string;
  /** Where its files are, below `trials/<id>/`; null when it left no result. */
  readonly attempt: string | null;
  readonly modelFiles: number;
  /** Where the sweep's objective changed: the epoch that the program's objective, then, chose its model by. */
  readonly modelEpoch?: number | null;
  /** Where the model came back with the checkpoint and was written again. */
  readonly modelRewrite?: ModelRewrite | undefined;
  readonly startedAt: string | null;
  /** When its job was submitted. */
  readonly submittedAt?: string | undefined;
  readonly seconds: number | null;
  /** What its seconds went to. */
  readonly phases?: Phases | undefined;
  readonly host: string | null;
  readonly attemptNumber: number | null;
  /** The slot of a pool on one machine. */
  readonly slot?: number | undefined;
  /** The EC2 instance; none on a machine of one's own. */
  readonly instance?: Instance | undefined;
  /** Its attempts that were interrupted before. */
  readonly interrupted?: readonly Interruption[] | undefined;
  /** Files that it wrote and that were left out, or are stored under other names, in words. */
  readonly notes?: readonly string[] | undefined;
  /** The most memory that its program took. */
  readonly peakMemory?: PeakMemory | undefined;
  /** How busy it kept its machine. */
  readonly usage?: Usage | undefined;
  /** The file that objective.file found. */
  readonly metricsFile?: string | undefined;
  /** How it counts its epochs, where that does not fit what it was asked for. */
  readonly warnings?: readonly EpochWarning[] | undefined;
  /** What all its trainings have cost, where prices are known. */
  readonly dollars?: number | undefined;
  /** What all its attempts' seconds went to. */
  readonly secondsByPhase?: SecondsByPhase | undefined;
  /** Of the first trial: what the sweep ran on and came from. */
  readonly provenance?: Provenance | undefined;
  readonly reason: string | null;
  readonly logTail: string;
}

/** `partition-<n>.json`. Our own Lambda wrote it whole, so its envelope is checked, not each of its 2,000 trials. */
export const partitionSchema = z.object({
  trials: z.array(z.custom<CollectedTrial>((trial) => typeof trial === 'object' && trial !== null)),
});

/** `curves-<n>.json`: the trials of a partition that have a learning curve. */
export const curvesSchema = z.object({
  curves: z.array(z.custom<TrialCurve>((curve) => typeof curve === 'object' && curve !== null)),
});

export interface TrialCurve {
  readonly trial: number;
  readonly id: string;
  readonly epochs: number;
  readonly curve: Curve;
}

/** A trial that left nothing and about which nothing else is known. */
const LOST: Failure = { class: 'lost', reason: 'it left no result' };
const MALFORMED: Failure = { class: 'malformed-result', reason: 'its result cannot be read' };

/**
 * A trial as its result tells it. `result` null: nothing there, for a `reason` that was found elsewhere; 'malformed':
 * something that cannot be read, or is of another trial. `trainedFor`: the result before it was judged anew. Both count as failed, never as zero.
 */
export function collect(
  trial: ManifestTrial,
  epochs: number,
  result: TrialResult | null | 'malformed',
  reason: Failure = LOST,
  trainedFor: TrialResult | null = null,
): CollectedTrial {
  const base = { trial: trial.trial, id: trial.id };
  const { confirms, seed } = trial;
  const confirming = confirms === undefined || seed === undefined ? {} : { confirms, seed };
  if (result === null || result === 'malformed') {
    const failure = result === null ? reason : MALFORMED;
    return {
      record: {
        ...base,
        parameters: trial.parameters,
        value: null,
        epoch: null,
        epochs,
        status: 'failed',
        diverged: false,
        failureClass: failure.class,
        ...confirming,
      },
      facts: {
        ...base,
        attempt: null,
        modelFiles: 0,
        startedAt: null,
        seconds: null,
        host: null,
        attemptNumber: null,
        reason: failure.reason,
        logTail: '',
      },
    };
  }
  const { value, others, epoch, status, diverged, stopped, failure, attempt, modelFiles } = result;
  const { texts: _, ...facts } = result.facts;
  return {
    record: {
      ...base,
      parameters: trial.parameters,
      value,
      ...(others === undefined ? {} : { others }),
      epoch,
      epochs,
      status,
      diverged,
      failureClass: failure?.class ?? null,
      ...(stopped === undefined ? {} : { stopped }),
      ...confirming,
    },
    facts: {
      ...base,
      attempt,
      modelFiles,
      ...(trainedFor === null || trainedFor.epoch === epoch ? {} : { modelEpoch: trainedFor.epoch }),
      ...facts,
      reason: failure?.reason ?? null,
    },
  };
}

/** Whether anybody began it: not what the failures of others, or a person, kept from its start. */
export const wasBegun = ({ record: { failureClass }, facts }: CollectedTrial): boolean =>
  failureClass !== 'not-run' && !(isSkipped(failureClass) && facts.attempt === NO_ATTEMPT);

/** Of a paused sweep: what was trained. The others were not begun, or left, and their turn comes when it goes on. */
export const withResults = (collected: readonly CollectedTrial[]): CollectedTrial[] =>
  collected.filter(({ facts }) => facts.attempt !== null);

/**
 * Seconds of a training that began and ended in one attempt; undefined of any other, whose seconds are those of its end.
 */
export const wholeSeconds = ({
  seconds,
  attemptNumber,
  interrupted = [],
}: Pick<TrialMetadata, 'seconds' | 'attemptNumber' | 'interrupted'>): number | undefined =>
  attemptNumber === 1 && interrupted.length === 0 && seconds !== null ? seconds : undefined;

/** A trial and the budget that it is trained for: what a result is of. */
export interface Training {
  readonly trialId: string;
  readonly epochs: number;
}

/** The trainings that have a result. */
export const trainingsWithResults = (collected: readonly CollectedTrial[]): Training[] =>
  withResults(collected).map(({ record: { id: trialId, epochs } }) => ({ trialId, epochs }));

export const recordOf = ({ record }: CollectedTrial): TrialRecord => record;
