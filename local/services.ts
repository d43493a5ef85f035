import { jobNamePrefix } from '../core/aws/job-names.ts';
import { gpusOf } from '../core/aws/profiles.ts';
import type { Spec } from '../core/spec/spec.ts';
import type { ReleaseServices } from '../lambdas/release/release-jobs.ts';
import type { JobServices, Services, WaveServices } from '../lambdas/shared/services.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { LocalBatch } from './batch.ts';
import { isRunning } from './owner.ts';

export const isoNow = (): string => new Date().toISOString();

/** What a local run records in a queue's place. */
export const LOCAL_QUEUE = 'local';

/** What the handlers need, on this machine. Any profile will do: there is one queue, and it is this machine. */
export function localServices(
  spec: Spec,
  store: ObjectStore,
  identifyData: Services['identifyData'],
  batch: Pick<LocalBatch, 'failedJobs' | 'slots'>,
  takeOver: Services['takeOver'],
  note: Services['note'],
): Services & WaveServices & JobServices & ReleaseServices {
  return {
    store,
    // What the trials really get is decided by the slots, which say so when it is not what compute.gpus asks for.
    profile: () => ({ queue: LOCAL_QUEUE, jobDefinition: 'local', gpus: gpusOf(spec.compute, null), image: null }),
    profileNames: [spec.compute.profile],
    identifyData,
    parallel: () => batch.slots,
    // A job here ends with the process that runs it, and one that lives has no others when it asks.
    endJobs: async () => {},
    isRunning: (lock) => isRunning(lock, isoNow()),
    ...(takeOver === undefined ? {} : { takeOver }),
    ...(note === undefined ? {} : { note }),
    async *failedJobs(_queue, sweepId, round) {
      yield* batch.failedJobs(jobNamePrefix(sweepId, round));
    },
    // The pool ends by itself what a task has given up, and no execution outlives the process.
    isRedriven: async () => true,
    terminateJobs: async () => 0,
    now: isoNow,
  };
}
