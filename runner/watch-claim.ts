import { SIGTERM_GRACE_SECONDS } from '../core/trial/grace.ts';
import type { ClaimName, SearchObjects } from '../objects/search.ts';
import { StopRequest } from './stop-request.ts';

/** Seconds between two looks. They only save the work of a machine that nothing depends on any more. */
const EVERY_SECONDS = 30;

/**
 * Aborts once someone else has begun the unit that this process is training, which happens if Batch has given up on a child
 * that is still running. Looks now and then; a failed look is ignored.
 */
export function watchClaim(
  search: Pick<SearchObjects, 'isSuperseded'>,
  claim: ClaimName,
  everySeconds = EVERY_SECONDS,
): { readonly superseded: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const look = async () => {
    const isSuperseded = await search.isSuperseded(claim).catch(() => false);
    if (isSuperseded) controller.abort(new StopRequest('another job has taken over this trial', SIGTERM_GRACE_SECONDS));
  };
  const timer = setInterval(() => void look(), everySeconds * 1000);
  return { superseded: controller.signal, stop: () => clearInterval(timer) };
}
