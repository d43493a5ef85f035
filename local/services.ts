import { jobNamePrefix } from '../core/names.ts';
import type { Spec } from '../core/spec.ts';
import type { JobServices, Services } from '../lambdas/shared/services.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { LocalBatch } from './batch.ts';
import { isRunning } from './owner.ts';

/** What the handlers need, on this machine. Any profile will do: there is one queue, and it is this machine. */
export function localServices(
  spec: Spec,
  store: ObjectStore,
  identifyData: Services['identifyData'],
  batch: Pick<LocalBatch, 'failedJobs'>,
): Services & JobServices {
  return {
    store,
    // What the trials really get is decided by the slots, which say so when it is not what compute.gpus asks for.
    profile: () => ({ queue: 'local', jobDefinition: 'local', gpus: spec.compute.gpus, image: null }),
    profileNames: [spec.compute.profile],
    identifyData,
    isRunning: (execution) => isRunning(execution),
    async *failedJobs(_queue, sweepId, round) {
      yield* batch.failedJobs(jobNamePrefix(sweepId, round));
    },
    now: () => new Date().toISOString(),
  };
}
