/**
 * The keys of a sweep's objects: the one place that knows the layout of the store (design: Objects). Ids that reach
 * here were checked against their patterns (spec.ts, identity.ts), so a key never leaves its prefix.
 */
export const SWEEPS_PREFIX = 'sweeps/';
export const sweepPrefix = (sweepId: string): string => `sweeps/${sweepId}/`;
export const specKey = (sweepId: string): string => `sweeps/${sweepId}/spec.json`;
/** The sweep whose spec lies under a key; null for any other key. */
export const parseSpecKey = (key: string): string | null => /^sweeps\/([^/]+)\/spec\.json$/.exec(key)?.[1] ?? null;
/** When the first training began, under a budget of hours; put if absent. */
export const firstStartKey = (sweepId: string): string => `sweeps/${sweepId}/budget/first-start`;
/** Prices of machines, under a budget of dollars. */
export const budgetPricesKey = (sweepId: string): string => `sweeps/${sweepId}/budget/prices.json`;
/** What AWS told of a region's prices, for all sweeps of a stack. */
export const pricesKey = (region: string): string => `prices/${region}.json`;
/** When attempts began and ended, and on what, under a budget of dollars: core/money/starts.ts says what follows it. */
export const startsPrefix = (sweepId: string): string => `sweeps/${sweepId}/starts/`;
/** Why a budget ended the sweep, by the budget's name; put if absent. */
export const budgetEndKey = (sweepId: string, name: string): string => `sweeps/${sweepId}/budget/ended-${name}`;
export const lockKey = (sweepId: string): string => `sweeps/${sweepId}/lock.json`;
export const dataKey = (sweepId: string): string => `sweeps/${sweepId}/data.json`;
export const warmStartKey = (sweepId: string): string => `sweeps/${sweepId}/warm-start.json`;
export const roundsPrefix = (sweepId: string): string => `sweeps/${sweepId}/rounds/`;
export const roundPrefix = (sweepId: string, round: number): string => `sweeps/${sweepId}/rounds/${round}/`;
export const roundKey = (sweepId: string, round: number): string => `${roundPrefix(sweepId, round)}round.json`;

/** The sweep and the round that an object belongs to; null for a key that lies below no round. */
export function parseRoundKey(key: string): { readonly sweepId: string; readonly round: number } | null {
  const [, sweepId, round] = /^sweeps\/([0-9A-Za-z_-]+)\/rounds\/([0-9]+)\//.exec(key) ?? [];
  return sweepId === undefined ? null : { sweepId, round: Number(round) };
}

export const shardsPrefix = (sweepId: string, round: number): string => `${roundPrefix(sweepId, round)}shard-`;
export const shardKey = (sweepId: string, round: number, shard: number): string =>
  `${shardsPrefix(sweepId, round)}${shard}.json`;

/** A shard's number, by its key; null for a key that is no shard of the round. */
export function parseShardKey(sweepId: string, round: number, key: string): number | null {
  const prefix = shardsPrefix(sweepId, round);
  const match = key.startsWith(prefix) ? /^([0-9]+)\.json$/.exec(key.slice(prefix.length)) : null;
  return match === null ? null : Number(match[1]);
}

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

/** A trial and a budget: what a result is of. */
export interface ResultName {
  readonly trialId: string;
  readonly epochs: number;
}

/** The inverse of `resultKey`; null for a key that is not one of this sweep's results. */
export function parseResultKey(sweepId: string, key: string): ResultName | null {
  const prefix = resultsPrefix(sweepId);
  const match = key.startsWith(prefix) ? /^([^./]+)\.([0-9]+)\.json$/.exec(key.slice(prefix.length)) : null;
  return match === null ? null : { trialId: match[1]!, epochs: Number(match[2]) };
}

export const trialsPrefix = (sweepId: string): string => `sweeps/${sweepId}/trials/`;
export const attemptPrefix = (sweepId: string, trialId: string, attempt: string): string =>
  `sweeps/${sweepId}/trials/${trialId}/${attempt}/`;
/** What an attempt leaves below its prefix: objects, and folders of them, which end in a slash. */
export const ATTEMPT = {
  metrics: 'metrics.jsonl',
  log: 'log.txt',
  model: 'model/',
  events: 'tensorboard/',
  outputs: 'outputs/',
  /** The attempt was told to stop. */
  interruption: 'interrupted.json',
} as const;
export const modelPrefix = (sweepId: string, trialId: string, attempt: string): string =>
  `${attemptPrefix(sweepId, trialId, attempt)}${ATTEMPT.model}`;
export const trialPrefix = (sweepId: string, trialId: string): string => `${trialsPrefix(sweepId)}${trialId}/`;

/** An object that an attempt left; `name` is what follows the attempt's prefix. */
export interface AttemptObject {
  readonly trialId: string;
  readonly attempt: string;
  readonly name: string;
}

/** Which attempt of the sweep left an object; null for a key that lies below none. */
export function parseAttemptKey(sweepId: string, key: string): AttemptObject | null {
  const prefix = trialsPrefix(sweepId);
  const match = key.startsWith(prefix) ? /^([^/]+)\/([^/]+)\/(.+)$/s.exec(key.slice(prefix.length)) : null;
  return match === null ? null : { trialId: match[1]!, attempt: match[2]!, name: match[3]! };
}
/** Below a checkpoint's prefix, written last. */
export const CHECKPOINT_MANIFEST = 'checkpoint.json';
/** A folder for each sweep. */
export const CHECKPOINTS_PREFIX = 'checkpoints/';
export const sweepCheckpointsPrefix = (sweepId: string): string => `${CHECKPOINTS_PREFIX}${sweepId}/`;
export const checkpointPrefix = (sweepId: string, trialId: string): string =>
  `${sweepCheckpointsPrefix(sweepId)}${trialId}/`;
export const leaderboardKey = (sweepId: string): string => `sweeps/${sweepId}/leaderboard.json`;
export const leaderboardCsvKey = (sweepId: string): string => `sweeps/${sweepId}/leaderboard.csv`;
export const runMetadataKey = (sweepId: string): string => `sweeps/${sweepId}/facts.json`;
export const reportKey = (sweepId: string): string => `sweeps/${sweepId}/report.html`;
export const bestKey = (sweepId: string): string => `sweeps/${sweepId}/best.json`;
/** All that was promoted under a name. */
export const championsPrefix = (name: string): string => `models/${name}/`;
export const championKey = (name: string): string => `models/${name}/champion.json`;
export const championModelPrefix = (name: string, sweepId: string): string => `models/${name}/${sweepId}/`;
/** Where a champion's model is copied to: a second champion of one sweep never mixes its files with the first one's. */
export const championCopyPrefix = (name: string, sweepId: string, trialId: string, epochs: number): string =>
  `${championModelPrefix(name, sweepId)}${trialId}.${epochs}/`;
