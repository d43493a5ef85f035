/**
 * How long one attempt of a trial may take. The trial runner's own two timers rule, on AWS and on one machine alike,
 * because they leave a result that says what happened. Batch's limit is the last resort for a runner that hangs: it
 * counts from the container's start, so it covers all that an attempt does, and what it ends is never tried again.
 */

/** Fetching source, data and checkpoint, waiting for another trial that fetches them, and installing packages. */
export const PREPARATION_SECONDS = 2 * 3600;
/** Between SIGTERM and SIGKILL of a program that ran into its time limit, at most. */
const GRACE_SECONDS = 30;
/** Checkpoint, model and outputs on their way into the store: 100 GB at 50 MB/s take 34 minutes. */
const UPLOAD_SECONDS = 3600;

/** What a job on EC2 may be given without a reason to doubt it: the 14 days after which Batch ends one on Fargate. */
export const MAX_ATTEMPT_SECONDS = 14 * 24 * 3600;

/**
 * Seconds that Batch gives an attempt whose program may run for `timeoutMinutes`, or that runs several such programs, one
 * after the other: what they fetch and install is there after the first.
 */
export function batchAttemptSeconds(timeoutMinutes: number, programs = 1): number {
  return PREPARATION_SECONDS + programs * (Math.ceil(timeoutMinutes * 60) + GRACE_SECONDS) + UPLOAD_SECONDS;
}
