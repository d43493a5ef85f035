/** Name of a round's Batch jobs, less their shard: Batch's filter by name takes it with a star behind. */
export const jobNamePrefix = (sweepId: string, round: number): string => `sweep-${sweepId}-${round}-`;

/** A job's name begins with a letter or digit and has at most 128 characters; a sweep's id may begin with - or _. */
export const jobName = (sweepId: string, round: number, shard: number): string =>
  `${jobNamePrefix(sweepId, round)}${shard}`;

/** Round and shard of a job of this sweep; null for the name of any other: `a-0` is a sweep too, beside `a`. */
export function partsOfJobName(sweepId: string, name: string): { round: number; shard: number } | null {
  const prefix = `sweep-${sweepId}-`;
  const match = name.startsWith(prefix) ? /^([0-9]+)-([0-9]+)$/.exec(name.slice(prefix.length)) : null;
  return match === null ? null : { round: Number(match[1]), shard: Number(match[2]) };
}
