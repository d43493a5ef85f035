import { aggregateHandler } from './aggregate/handler.ts';
import type { FunctionName } from './functions.ts';
import { planHandler } from './plan/handler.ts';
import { promoteHandler } from './promote/handler.ts';
import { releaseHandler } from './release/handler.ts';
import type { ReleaseServices } from './release/release-jobs.ts';
import { selectHandler } from './select/handler.ts';
import type { JobServices, Services, WaveServices } from './shared/services.ts';

/** The Lambda handlers as plain functions of their services, for local runs. */
export function createHandlers(
  services: Services & WaveServices & JobServices & ReleaseServices,
): Record<FunctionName, (payload: unknown) => Promise<unknown>> {
  const call = (handler: unknown) => (payload: unknown) =>
    (handler as (event: unknown, context: object) => Promise<unknown>)(payload, {});
  return {
    plan: call(planHandler(services)),
    aggregate: call(aggregateHandler(services)),
    select: call(selectHandler(services)),
    promote: call(promoteHandler(services)),
    release: call(releaseHandler(services)),
  };
}
