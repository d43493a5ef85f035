/** How the names of all sweeps' Batch jobs begin. */
const PREFIX = 'sweep-';

/** How the names of a sweep's Batch jobs begin, or of one of its rounds. */
export const jobNamePrefix = (sweepId: string, round?: number): string =>
  `${PREFIX}${sweepId}-${round === undefined ? '' : `${round}-`}`;

/** A job's name begins with a letter or digit and has at most 128 characters; a sweep's id may begin with - or _. */
export const jobName = (sweepId: string, round: number, shard: number): string =>
  `${jobNamePrefix(sweepId, round)}${shard}`;

/**
 * What ListJobs takes to list the jobs of a sweep, or of one of its rounds: by name it lists jobs of every status. Sweeps
 * whose ids continue with a hyphen may be among them; `partsOfJobName` tells them apart.
 */
export function jobNameFilters(sweepId: string, round?: number): { name: 'JOB_NAME'; values: string[] }[] {
  return [{ name: 'JOB_NAME', values: [`${jobNamePrefix(sweepId, round)}*`] }];
}

/** DescribeJobs takes so many. */
export const MAX_DESCRIBED = 100;

/** Whether a job of this status has ended, with all its children. */
export const isEndedStatus = (status: string | undefined): boolean => status === 'SUCCEEDED' || status === 'FAILED';

/** What ListJobs takes to list the jobs of all sweeps, of every status. */
export const ALL_JOBS: { name: 'JOB_NAME'; values: string[] }[] = [{ name: 'JOB_NAME', values: [`${PREFIX}*`] }];

/** The sweep that a job belongs to, by its name; null for a job that is of no sweep. */
export const sweepOfJobName = (name: string): string | null => /^sweep-(.+)-[0-9]+-[0-9]+$/.exec(name)?.[1] ?? null;

/** Round and shard of a job of this sweep; null for the name of any other: `a-0` is a sweep too, beside `a`. */
export function partsOfJobName(sweepId: string, name: string): { round: number; shard: number } | null {
  const prefix = jobNamePrefix(sweepId);
  const match = name.startsWith(prefix) ? /^([0-9]+)-([0-9]+)$/.exec(name.slice(prefix.length)) : null;
  return match === null ? null : { round: Number(match[1]), shard: Number(match[2]) };
}
