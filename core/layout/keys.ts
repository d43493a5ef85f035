/**
 * The keys of a sweep's objects: the one place that knows the layout of the store (design: Objects). Ids that reach
 * here were checked against their patterns (spec.ts, identity.ts), so a key never leaves its prefix.
 */
export const sweepPrefix = (sweepId: string): string => `sweeps/${sweepId}/`;
export const specKey = (sweepId: string): string => `sweeps/${sweepId}/spec.json`;
export const lockKey = (sweepId: string): string => `sweeps/${sweepId}/lock.json`;
export const dataKey = (sweepId: string): string => `sweeps/${sweepId}/data.json`;
export const warmStartKey = (sweepId: string): string => `sweeps/${sweepId}/warm-start.json`;
export const roundsPrefix = (sweepId: string): string => `sweeps/${sweepId}/rounds/`;
export const roundPrefix = (sweepId: string, round: number): string => `sweeps/${sweepId}/rounds/${round}/`;
export const roundKey = (sweepId: string, round: number): string => `${roundPrefix(sweepId, round)}round.json`;
export const shardKey = (sweepId: string, round: number, shard: number): string =>
  `${roundPrefix(sweepId, round)}shard-${shard}.json`;
export const partitionKey = (sweepId: string, round: number, partition: number): string =>
  `${roundPrefix(sweepId, round)}partition-${partition}.json`;
/** Learning curves of a partition's trials; only the first CURVE_PARTITIONS of a round have them. */
export const curvesKey = (sweepId: string, round: number, partition: number): string =>
  `${roundPrefix(sweepId, round)}curves-${partition}.json`;
export const CURVE_PARTITIONS = 10;
export const mediansKey = (sweepId: string, round: number): string => `${roundPrefix(sweepId, round)}medians.json`;
/** `<class>/<trialId>` below it, one for each failed trial of the round: its parameters. */
export const failureMarkersPrefix = (sweepId: string, round: number): string => `${roundPrefix(sweepId, round)}failed/`;
/** There, and empty, once a trial of the sweep has reported a finite value. */
export const finiteMarkerKey = (sweepId: string): string => `sweeps/${sweepId}/finite`;
export const resultsPrefix = (sweepId: string): string => `sweeps/${sweepId}/results/`;
export const resultKey = (sweepId: string, trialId: string, epochs: number): string =>
  `sweeps/${sweepId}/results/${trialId}.${epochs}.json`;
export const trialsPrefix = (sweepId: string): string => `sweeps/${sweepId}/trials/`;
export const attemptPrefix = (sweepId: string, trialId: string, attempt: string): string =>
  `sweeps/${sweepId}/trials/${trialId}/${attempt}/`;
export const modelPrefix = (sweepId: string, trialId: string, attempt: string): string =>
  `${attemptPrefix(sweepId, trialId, attempt)}model/`;
export const trialPrefix = (sweepId: string, trialId: string): string => `${trialsPrefix(sweepId)}${trialId}/`;
/** Below an attempt's prefix: it was told to stop. */
export const INTERRUPTED_NAME = 'interrupted.json';
export const checkpointPrefix = (sweepId: string, trialId: string): string => `checkpoints/${sweepId}/${trialId}/`;
export const sweepCheckpointsPrefix = (sweepId: string): string => `checkpoints/${sweepId}/`;
export const leaderboardKey = (sweepId: string): string => `sweeps/${sweepId}/leaderboard.json`;
export const leaderboardCsvKey = (sweepId: string): string => `sweeps/${sweepId}/leaderboard.csv`;
export const factsKey = (sweepId: string): string => `sweeps/${sweepId}/facts.json`;
export const reportKey = (sweepId: string): string => `sweeps/${sweepId}/report.html`;
export const bestKey = (sweepId: string): string => `sweeps/${sweepId}/best.json`;
export const championKey = (name: string): string => `models/${name}/champion.json`;
export const championModelPrefix = (name: string, sweepId: string): string => `models/${name}/${sweepId}/`;
/** Where a champion's model is copied to: a second champion of one sweep never mixes its files with the first one's. */
export const championCopyPrefix = (name: string, sweepId: string, trialId: string, epochs: number): string =>
  `${championModelPrefix(name, sweepId)}${trialId}.${epochs}/`;
export const sourceKey = (digest: string): string => `sources/${digest}.tgz`;
/** Data that was uploaded, by its folder's digest; packs.ts says what lies beside. */
export const dataFolder = (digest: string): string => `data/${digest}`;
export const dataIndexKey = (digest: string): string => `${dataFolder(digest)}/index.json`;

/** The address of `training.data`: what `sweep start` uploaded stands in the spec by its key, `data/<digest>`. */
export function dataAddress(storeUrl: string, data: string): string {
  return /^data\/[0-9a-f]{64}$/.test(data) ? `${storeUrl}/${data}` : data;
}

/** Store and digest of data that `sweep start` uploaded, read off its address; null for any other. */
export function uploadedData(uri: string): { readonly store: string; readonly digest: string } | null {
  const [, store, digest] = /^((?:s3|file):\/\/.+)\/data\/([0-9a-f]{64})\/?$/.exec(uri) ?? [];
  return store === undefined || digest === undefined ? null : { store, digest };
}
