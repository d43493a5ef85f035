/**
 * Seconds between SIGTERM and SIGKILL of a training program when its container gets SIGTERM. The container is killed 90 s
 * after that (ECS_CONTAINER_STOP_TIMEOUT in stacks/user-data.ts), and 30 s after it on instances of other people; what is
 * left is for the upload of checkpoints, one for each trial that it trains at once.
 */
export const SIGTERM_GRACE_SECONDS = 20;

/** AWS takes a Spot instance back so long after its notice. */
const NOTICE_SECONDS = 120;
/** Of these, what the checkpoint's upload needs after the program has ended. */
const UPLOAD_SECONDS = 45;

/**
 * Seconds that a training program gets after a Spot notice: what is left until the instance goes, less the reserve for
 * the upload. A notice that was heard late is shared half and half, so that neither comes away with nothing.
 * @param endsAt when the instance goes, in ms since 1970
 * @param now in ms since 1970
 */
export function noticeGraceSeconds(endsAt: number, now: number, reserve: number = UPLOAD_SECONDS): number {
  // A clock that is behind must not promise more than AWS does.
  const left = Math.min(NOTICE_SECONDS, Math.max(0, (endsAt - now) / 1000));
  return Math.max(left - reserve, left / 2);
}

/**
 * When the instance goes, in ms since 1970, by what its metadata service says: `{"action": "terminate", "time":
 * "2026-01-01T00:02:00Z"}`. Null: it says no time.
 */
export function noticeEnd(notice: string): number | null {
  let said: unknown;
  try {
    said = JSON.parse(notice);
  } catch {
    return null;
  }
  const time = Date.parse(String((said as { time?: unknown } | null)?.time));
  return Number.isNaN(time) ? null : time;
}
