import { jobNamePrefix } from '../core/aws/job-names.ts';
import { gpusOf } from '../core/aws/profiles.ts';
import type { Spec } from '../core/spec/spec.ts';
import type { ReleaseServices } from '../lambdas/release/release-jobs.ts';
import type { JobServices, Services, WaveServices } from '../lambdas/shared/services.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { LocalBatch } from './batch.ts';
import { isRunning } from './owner.ts';

export const isoNow = (): string => new Date().toISOString();

/** What a local run records instead of a queue. */
export const LOCAL_QUEUE = 'local';

/** The handlers' services on this machine. Any profile is accepted, because this machine is the only queue. */
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
    // The slots decide what trials really get, and say so if that differs from compute.gpus.
    profile: () => ({ queue: LOCAL_QUEUE, jobDefinition: 'local', gpus: gpusOf(spec.compute, null), image: null }),
    profileNames: [spec.compute.profile],
    identifyData,
    parallel: () => batch.slots,
    // A job here ends with the process that runs it, and a running one has no others when it asks.
    endJobs: async () => {},
    isRunning: (lock) => isRunning(lock, isoNow()),
    ...(takeOver === undefined ? {} : { takeOver }),
    ...(note === undefined ? {} : { note }),
    async *failedJobs(_queue, sweepId, round) {
      yield* batch.failedJobs(jobNamePrefix(sweepId, round));
    },
    // The pool itself ends what a task has given up on, and no execution outlives the process.
    isRedriven: async () => true,
    terminateJobs: async () => 0,
    now: isoNow,
  };
}
