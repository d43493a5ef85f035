import * as z from 'zod';
import { differences } from './differences.ts';
import { BadInput, PlanTooLarge, type Problem, show } from './errors.ts';
import { bracketsOf } from './halving.ts';
import { trainingOf } from './identity.ts';
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
  /** rung: trials of earlier rounds, trained longer. confirm: the best again, with new seeds. Else trials of the search. */
  kind: z.enum(['search', 'rung', 'confirm']).default('search'),
  /** The budget, where it is the round's own and not the spec's training.epochs. */
  epochs: z.int().min(1).optional(),
  shards: z.array(z.strictObject({ size: z.int().min(1).max(MAX_SHARD), width: z.int().min(4) })),
});
export type RoundRecord = z.output<typeof roundRecordSchema>;

/** Trials that the sweep had not planned before this round. */
export const newTrials = ({ kind, size }: RoundRecord): number => (kind === 'rung' ? 0 : size);

/** Trials that the rounds took from the search, `trials` of the spec in the end. */
export const searched = (rounds: readonly RoundRecord[]): number =>
  rounds.reduce((sum, { kind, size }) => sum + (kind === 'search' ? size : 0), 0);

/** Total epochs trained when the round's trials end. */
export const roundEpochs = (spec: Spec, { epochs }: Pick<RoundRecord, 'epochs'>): number =>
  epochs ?? spec.training.epochs;

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

/** A round of a sweep in which nothing fails and nothing stops early. */
export interface ForeseenRound {
  readonly kind: RoundRecord['kind'];
  readonly trials: number;
  readonly epochs: number;
}

/** Every round that a spec may lead to, in order. */
export function foreseenRounds(spec: Spec): ForeseenRound[] {
  const { trials, confirm } = spec.search;
  const { epochs } = spec.training;
  const rounds: ForeseenRound[] = [];
  if (spec.search.strategy === 'halving') {
    for (const rungs of bracketsOf(spec)) {
      for (const [rung, { size, epochs: budget }] of rungs.entries())
        rounds.push({ kind: rung === 0 ? 'search' : 'rung', trials: size, epochs: budget });
    }
  } else {
    for (let planned = 0; planned < trials; planned += rounds.at(-1)!.trials)
      rounds.push({ kind: 'search', trials: roundSize(spec, rounds.length, planned), epochs });
  }
  if (confirm !== undefined) {
    const full = rounds.reduce((sum, round) => sum + (round.epochs === epochs ? round.trials : 0), 0);
    rounds.push({ kind: 'confirm', trials: Math.min(confirm.top, full) * confirm.seeds, epochs });
  }
  return rounds;
}

/** Distinct trials of those rounds: a rung has none of its own. */
export const foreseenTrials = (spec: Spec): number =>
  foreseenRounds(spec).reduce((sum, { kind, trials }) => sum + (kind === 'rung' ? 0 : trials), 0);

/** History events of a whole sweep by estimate: 45 a round, 16 a shard, 7 a partition (retries leave room to 25,000). */
export function estimateEvents(spec: Spec): number {
  return foreseenRounds(spec).reduce((sum, { trials }) => {
    const shards = Math.ceil(trials / MAX_SHARD);
    const partitions = Math.ceil(trials / partitionLength(trials));
    return sum + 45 + 16 * shards + 7 * partitions;
  }, 0);
}

/** @throws PlanTooLarge with the numbers */
export function checkEvents(spec: Spec): void {
  const events = estimateEvents(spec);
  if (events <= MAX_EVENTS) return;
  throw new PlanTooLarge(
    `${spec.search.trials} trials in ${foreseenRounds(spec).length} rounds need about ${events.toLocaleString('en-US')} history events; ` +
      `allowed: ${MAX_EVENTS.toLocaleString('en-US')} (Step Functions ends an execution at 25,000); lower search.rounds`,
  );
}

/**
 * What forbids going on with an existing sweep under a new spec.
 * @throws BadInput naming each changed field
 */
export function checkResumable(before: Spec, now: Spec, planned: number): void {
  const problems: Problem[] = differences([trainingOf(before), trainingOf(now)]).map(
    ({ field, values: [old, current] }) => ({
      field,
      message: `received ${show(current)}, but the sweep ${now.sweepId} was started with ${show(old)}; allowed to change: search.trials (more), search.rounds, search.stop, search.confirm, training.epochs, objective (without a pattern), tolerance, keep and compute; put it back, or choose another sweepId`,
    }),
  );
  if (now.search.strategy === 'halving' && before.training.epochs !== now.training.epochs) {
    problems.push({
      field: 'training.epochs',
      message: `received ${now.training.epochs}, but the rungs of the sweep ${now.sweepId} were laid for ${before.training.epochs}; put it back, or choose another sweepId`,
    });
  }
  if (now.search.trials < planned && now.search.strategy !== 'grid') {
    problems.push({
      field: 'search.trials',
      message: `received ${now.search.trials}, but the sweep ${now.sweepId} has already planned ${planned}; allowed: ${planned} or more; raise it, or choose another sweepId`,
    });
  }
  if (problems.length > 0) throw new BadInput(problems);
}

/** How many of all planned trials may fail. A share is rounded down: 25% of 10 tolerates 2. */
export function toleratedFailures(spec: Spec, planned: number): number {
  const { failedTrials } = spec.tolerance;
  if (typeof failedTrials === 'number') return failedTrials;
  return Math.floor((planned * Number(failedTrials.slice(0, -1))) / 100 + 1e-9);
}
