import * as z from 'zod';

/** `lock.json`: the execution that owns the sweep. */
export const lockSchema = z.object({
  /** An execution's ARN, or `local:<host>:<process id>:<start of the process>`. */
  execution: z.string(),
  /** For a person: who or what it is. */
  owner: z.string(),
  since: z.string(),
  /** When its owner last said that it runs. A local run says so every REFRESH_SECONDS; earlier releases never did. */
  refreshed: z
    .string()
    .refine((time) => Number.isFinite(Date.parse(time)), 'a date')
    .optional(),
});
export type Lock = z.output<typeof lockSchema>;

export const REFRESH_SECONDS = 10;
/**
 * A lock whose owner cannot be asked is stale after so long without a refresh: twelve of them, so that neither a slow
 * store nor a minute of planning in one thread looks like an end.
 */
export const STALE_SECONDS = 120;

export const newLock = (execution: string, now: string): Lock => ({
  execution,
  owner: execution,
  since: now,
  refreshed: now,
});

/** Seconds since the owner last said that it runs; null when it never did. Negative where its clock is ahead of ours. */
export function silentSeconds({ refreshed }: Lock, now: string): number | null {
  const seconds = refreshed === undefined ? Number.NaN : (Date.parse(now) - Date.parse(refreshed)) / 1000;
  return Number.isFinite(seconds) ? seconds : null;
}

/**
 * Whether the owner of a lock, which cannot be asked from here, is known to have gone. A lock that was never refreshed,
 * or was refreshed in what is the future here, tells nothing: it counts as held, and a person decides.
 */
export function isStale(lock: Lock, now: string): boolean {
  const silent = silentSeconds(lock, now);
  return silent !== null && silent > STALE_SECONDS;
}

/**
 * Whether a lock that cannot be read may be taken, and so names no owner who could be asked: by when it was written last,
 * as a lock that is not refreshed. Both in milliseconds since 1970.
 */
export const isDamagedLockStale = (modified: number, now: number): boolean => now - modified > STALE_SECONDS * 1000;

/** What a person can do about a lock that cannot be read. */
export const damagedLock = (key: string, modified: number, now: number): string =>
  `${key} is damaged, so it is not known whether its owner is still running; it was written ` +
  `${Math.max(0, Math.round((now - modified) / 1000))} s ago, and the next run takes it over ${STALE_SECONDS} s after that; ` +
  'if nothing runs the sweep, remove that object';

/** What is known of an owner that cannot be asked, for the end of a sentence. */
export function lastHeard(lock: Lock, now: string): string {
  const silent = silentSeconds(lock, now);
  if (silent === null) return 'it does not report whether it is still running';
  return silent < 0 ? 'its clock is ahead of this one' : `last heard from ${Math.round(silent)} s ago`;
}
