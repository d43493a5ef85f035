import * as z from 'zod';
import { BadInput, PlanTooLarge, type Problem, show } from './errors.ts';
import { trainingOf } from './identity.ts';
import { canonicalJson } from './json.ts';
import { shardKey } from './keys.ts';
import { MAX_SHARD, manifestReference } from './manifest.ts';
import type { Spec } from './spec.ts';

/**
 * `rounds/<n>/round.json`, written after the manifest it describes: the trials proposed together. Its shards hold the
 * trials in order; shards that a resumed execution adds (`retry-<n>`) repeat some of them and are no part of it.
 */
export const roundRecordSchema = z.strictObject({
  round: z.int().min(0),
  /** The first trial's place in the whole sweep. */
  first: z.int().min(0),
  /** Trials proposed. */
  size: z.int().min(0),
  /** True when the search space held no more distinct points than these. */
  exhausted: z.boolean(),
  shards: z.array(z.strictObject({ size: z.int().min(1).max(MAX_SHARD), width: z.int().min(4) })),
});
export type RoundRecord = z.output<typeof roundRecordSchema>;

/** How many trials the next round takes: what is left, shared evenly among the rounds that are left. */
export function roundSize(spec: Spec, round: number, planned: number): number {
  const roundsLeft = Math.max(1, spec.search.rounds - round);
  return Math.ceil(Math.max(0, spec.search.trials - planned) / roundsLeft);
}

/** Cuts a list into consecutive pieces of at most `length`. */
export function chunk<T>(items: readonly T[], length: number): T[][] {
  const pieces: T[][] = [];
  for (let start = 0; start < items.length; start += length) pieces.push(items.slice(start, start + length));
  return pieces;
}

/** One aggregate Lambda's share of a round: `count` lines from line `first` of one shard's manifest. */
export interface Partition {
  readonly partition: number;
  /** Key of the manifest, with its width: `sweeps/x/rounds/0/shard-0.json#width=256`. */
  readonly manifest: string;
  readonly first: number;
  readonly count: number;
}

/**
 * Trials a partition. One listing page tells of 1,000 objects; larger rounds get larger ones, because the list of
 * partitions is state (256 KiB) and each costs 7 events of the execution's 25,000.
 */
const partitionLength = (trials: number): number => (trials <= 500_000 ? 1000 : 2000);

/** The round's trials, cut into what one aggregate Lambda reads. */
export function partitionsOf(sweepId: string, record: RoundRecord): Partition[] {
  const total = record.shards.reduce((sum, shard) => sum + shard.size, 0);
  const length = partitionLength(total);
  const partitions: Partition[] = [];
  record.shards.forEach((shard, index) => {
    const manifest = manifestReference(shardKey(sweepId, record.round, index), shard.width);
    for (let first = 0; first < shard.size; first += length) {
      partitions.push({ partition: partitions.length, manifest, first, count: Math.min(length, shard.size - first) });
    }
  });
  return partitions;
}

/** Step Functions ends an execution at 25,000 history events; plans above this many by estimate are refused. */
export const MAX_EVENTS = 20_000;

/** History events of a whole sweep by estimate: 45 a round, 16 a shard, 7 a partition (retries leave room to 25,000). */
export function estimateEvents(spec: Spec): number {
  const { trials, rounds } = spec.search;
  const perRound = Math.ceil(trials / rounds);
  const shards = Math.ceil(perRound / MAX_SHARD);
  const partitions = Math.ceil(perRound / partitionLength(perRound));
  return rounds * (45 + 16 * shards + 7 * partitions);
}

/** @throws PlanTooLarge with the numbers */
export function checkEvents(spec: Spec): void {
  const events = estimateEvents(spec);
  if (events <= MAX_EVENTS) return;
  throw new PlanTooLarge(
    `${spec.search.trials} trials in ${spec.search.rounds} rounds need about ${events.toLocaleString('en-US')} history events; ` +
      `allowed: ${MAX_EVENTS.toLocaleString('en-US')} (Step Functions ends an execution at 25,000); lower search.rounds`,
  );
}

/**
 * What forbids going on with an existing sweep under a new spec.
 * @throws BadInput naming each changed field
 */
export function checkResumable(before: Spec, now: Spec, planned: number): void {
  const problems: Problem[] = changes(trainingOf(before), trainingOf(now), '').map(({ field, old, current }) => ({
    field,
    message: `received ${show(current)}, but the sweep ${now.sweepId} was started with ${show(old)}; allowed to change: search.trials (more), search.rounds, training.epochs, objective (without a pattern), tolerance, keep and compute; put it back, or choose another sweepId`,
  }));
  if (now.search.trials < planned && now.search.strategy !== 'grid') {
    problems.push({
      field: 'search.trials',
      message: `received ${now.search.trials}, but the sweep ${now.sweepId} has already planned ${planned}; allowed: ${planned} or more; raise it, or choose another sweepId`,
    });
  }
  if (problems.length > 0) throw new BadInput(problems);
}

function changes(old: unknown, current: unknown, field: string): { field: string; old: unknown; current: unknown }[] {
  if (canonicalJson(old) === canonicalJson(current)) return [];
  const plain = (value: unknown): value is Record<string, unknown> =>
    value !== null && typeof value === 'object' && !Array.isArray(value);
  if (!plain(old) || !plain(current)) return [{ field, old, current }];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(current)])].sort();
  return keys.flatMap((key) => changes(old[key], current[key], field === '' ? key : `${field}.${key}`));
}

/** How many of all planned trials may fail. A share is rounded down: 25% of 10 tolerates 2. */
export function toleratedFailures(spec: Spec, planned: number): number {
  const { failedTrials } = spec.tolerance;
  if (typeof failedTrials === 'number') return failedTrials;
  return Math.floor((planned * Number(failedTrials.slice(0, -1))) / 100 + 1e-9);
}
