import { claimsPrefix } from '../layout/asynchronous.ts';
import { shardKey } from '../layout/keys.ts';
import { manifestReference } from '../trial/manifest.ts';
import type { RoundRecord } from './rounds.ts';

/** Cuts a list into consecutive pieces of at most `length`. */
export const chunk = <T>(items: readonly T[], length: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / length) }, (_, index) =>
    items.slice(index * length, (index + 1) * length),
  );

/**
 * One aggregate Lambda's share of a round: `count` lines from line `first` of one shard's manifest. Of an asynchronous
 * search: of the trials that have a result by then, those of so many numbers.
 */
export interface Partition {
  readonly partition: number;
  /** Key of the manifest, with its width: `sweeps/x/rounds/0/shard-0.json#width=256`; of an asynchronous search the prefix of its claims. */
  readonly manifest: string;
  readonly first: number;
  readonly count: number;
}

/**
 * Trials a partition. One listing page tells of 1,000 objects; larger rounds get larger ones, because the list of
 * partitions is state (256 KiB) and each costs 7 events of the execution's 25,000.
 */
export const partitionLength = (trials: number): number => (trials <= 500_000 ? 1000 : 2000);

/** The round's trials, cut into what one aggregate Lambda reads. */
export function partitionsOf(sweepId: string, record: RoundRecord): Partition[] {
  if (record.kind === 'asynchronous') return numberRanges(sweepId, record.size);
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

function numberRanges(sweepId: string, numbers: number): Partition[] {
  const length = partitionLength(numbers);
  return Array.from({ length: Math.ceil(numbers / length) }, (_, partition) => {
    const first = partition * length;
    return { partition, manifest: claimsPrefix(sweepId), first, count: Math.min(length, numbers - first) };
  });
}

/** Whether a partition is of numbers, and not of a manifest's lines. */
export const isOfNumbers = ({ manifest }: Pick<Partition, 'manifest'>): boolean => !manifest.includes('#');
