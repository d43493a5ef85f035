import * as z from 'zod';
import { sha256 } from '../base/digest.ts';
import { MAX_UNITS } from '../spec/rungs.ts';
import type { Spec } from '../spec/spec.ts';
import { MAX_SHARD, type Manifest, type ManifestTrial } from '../trial/manifest.ts';

/**
 * `rounds/<n>/round.json`, written after the manifest it describes: the trials proposed together. Its shards hold the
 * trials in order; shards that a resumed execution adds (`retry-<n>`) repeat some of them and are no part of it.
 */
export const roundRecordSchema = z.strictObject({
  round: z.int().min(0),
  /** The number of its first trial. */
  first: z.int().min(0),
  /** Trials proposed. */
  size: z.int().min(0),
  /** True if the search space had no more distinct points than these. */
  exhausted: z.boolean(),
  /**
   * rung: trials of earlier rounds, trained longer. confirm: the best again, with new seeds. asynchronous: all trials of an
   * asynchronous search, at most `size` of them, without a manifest. Otherwise trials of the search.
   */
  kind: z.enum(['search', 'rung', 'confirm', 'asynchronous']).default('search'),
  /** The budget, if it differs from the spec's training.epochs. */
  epochs: z.int().min(1).optional(),
  shards: z.array(
    z.strictObject({
      size: z.int().min(1).max(MAX_SHARD),
      width: z.int().min(4),
      /** Of the manifest's bytes, so that a changed trial is noticed; rounds of earlier releases have none. */
      digest: z.string().optional(),
    }),
  ),
});
export type RoundRecord = z.output<typeof roundRecordSchema>;

export type ShardRecord = RoundRecord['shards'][number];

/** What a round's record says about a manifest. */
export function shardRecord({ bytes, width }: Manifest, trials: number): ShardRecord {
  return { size: trials, width, digest: sha256(bytes).slice(0, DIGEST_DIGITS) };
}

const DIGEST_DIGITS = 16;

/** Whether a manifest can be the one that was recorded. */
export function isRecorded(recorded: ShardRecord, manifest: Manifest, trials: number): boolean {
  const { size, width, digest } = shardRecord(manifest, trials);
  return recorded.size === size && recorded.width === width && (recorded.digest ?? digest) === digest;
}

type Planned = Pick<ManifestTrial, 'trial' | 'id'>;

/** What is left of a round whose record was lost. */
export interface RoundRemains {
  /** Trials that it is known to have had. */
  readonly trials: readonly Planned[];
  /** They are all it had. */
  readonly isWhole: boolean;
  /** The record of the round after it. */
  readonly next: RoundRecord | null;
}

/** Whether a replanned round is the lost one: the same trials, and as many as the next round relies on. */
export function isLostRound(
  { trials, isWhole, next }: RoundRemains,
  record: Pick<RoundRecord, 'kind' | 'first' | 'size'>,
  anew: readonly Planned[],
): boolean {
  if (next !== null && next.first !== record.first + numbersTaken(record)) return false;
  if (isWhole && trials.length !== anew.length) return false;
  const numbers = new Map(anew.map(({ trial: number, id }) => [id, number]));
  return trials.every(({ trial: number, id }) => numbers.get(id) === number);
}

/** Trials that the sweep had not planned before this round. */
export const newTrialCount = ({ kind, size }: Pick<RoundRecord, 'kind' | 'size'>): number =>
  kind === 'rung' ? 0 : size;

/**
 * Numbers that no later round may give to its trials. Those of an asynchronous search are its places, and there may be more
 * of them when the sweep goes on.
 */
export const numbersTaken = (record: Pick<RoundRecord, 'kind' | 'size'>): number =>
  record.kind === 'asynchronous' ? MAX_UNITS : newTrialCount(record);

/** Trials that the rounds took from the search, `trials` of the spec in the end. */
export const searchTrialCount = (rounds: readonly RoundRecord[]): number =>
  rounds.reduce((sum, { kind, size }) => sum + (kind === 'search' || kind === 'asynchronous' ? size : 0), 0);

/** Total epochs trained when the round's trials end. */
export const roundEpochs = (spec: Spec, { epochs }: Pick<RoundRecord, 'epochs'>): number =>
  epochs ?? spec.training.epochs;

/** The size of the next round: the remaining trials, divided evenly among the remaining rounds. */
export function roundSize(spec: Spec, round: number, planned: number): number {
  const roundsLeft = Math.max(1, spec.search.rounds - round);
  return Math.ceil(Math.max(0, spec.search.trials - planned) / roundsLeft);
}
