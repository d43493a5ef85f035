import { SIGTERM_GRACE_SECONDS } from '../core/trial/grace.ts';
import type { ClaimName, SearchObjects } from '../objects/search.ts';
import { StopRequest } from './stop-request.ts';

/** Seconds between two looks; the work that this saves is that of a machine nobody counts on any more. */
const EVERY_SECONDS = 30;

/**
 * Aborts once somebody else has begun the unit that this process trains, which happens where Batch has given up a child
 * that still works. Looks now and then; a look that fails says nothing.
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
