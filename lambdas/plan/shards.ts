import { jobName } from '../../core/aws/job-names.ts';
import type { RoundRecord } from '../../core/search/rounds.ts';
import { childrenFor, encodedManifests, type ManifestTrial } from '../../core/trial/manifest.ts';
import type { Rounds } from '../../objects/rounds.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { Services } from '../shared/services.ts';

/** One Batch job. */
export interface Shard {
  readonly name: string;
  /** Children; 0 if nothing is left to train. */
  readonly size: number;
  readonly manifest: string;
  /** Lines of the manifest, if a child trains several. */
  readonly trials?: number;
}

export const trialsOfShard = ({ size, trials = size }: Shard): number => trials;

/** Manifests to write at once: most of their time is spent on the way to the bucket. */
const SHARDS_AT_ONCE = 4;

/**
 * Writes trials as manifests of a round, numbered from `from`. Only the manifests being written are in memory, not their trials.
 * After a failure no further manifest is begun, and the error is thrown once those under way have ended.
 */
export async function writeShards(
  rounds: Pick<Rounds, 'putShard'>,
  round: number,
  from: number,
  trials: Iterable<ManifestTrial>,
): Promise<RoundRecord['shards']> {
  const shards: RoundRecord['shards'] = [];
  const manifests = encodedManifests(trials);
  let next = 0;
  const write = async () => {
    // All share one generator, so leaving the loop with an error closes it for the others too.
    for (const manifest of manifests) {
      const shard = next++;
      shards[shard] = await rounds.putShard(round, from + shard, manifest);
      // Its memory is given back at once: else the garbage collector goes through everything there is every few manifests.
      (manifest.bytes.buffer as ArrayBuffer).transfer(0);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: SHARDS_AT_ONCE }, write));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return shards;
}

/** The jobs of the shards from `from` on; a job of size 0 if there are none, which the state machine skips. */
export function shardsOf(
  services: Services,
  sweepId: string,
  round: number,
  from: number,
  shards: RoundRecord['shards'],
  each: number,
): Shard[] {
  if (shards.length === 0) return [{ name: jobName(sweepId, round, from), size: 0, manifest: '' }];
  const { rounds } = sweepObjects(services.store, sweepId);
  return shards.map(({ size, width }, index) => {
    const share = each === 1 ? null : { lines: size, each };
    return {
      name: jobName(sweepId, round, from + index),
      size: share === null ? size : childrenFor(share),
      manifest: rounds.shardReference(round, from + index, width, share),
      ...(share === null ? {} : { trials: size }),
    };
  });
}
