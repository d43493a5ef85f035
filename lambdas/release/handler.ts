import * as z from 'zod';
import { deployed } from '../shared/deployed.ts';
import { isExecutionRedriven } from '../shared/executions.ts';
import { sweepHandler } from '../shared/handler.ts';
import { terminateJobsOf } from './batch-jobs.ts';
import { releaseEnvironmentSchema } from './environment.ts';
import { type ReleaseServices, releaseJobs } from './release-jobs.ts';

const payloadSchema = z.object({
  execution: z.string().min(1),
  /** Given by the state machine; absent when EventBridge reports the end of an execution. */
  job: z.string().min(1).nullable().default(null),
  /** Given by EventBridge, in milliseconds since 1970. */
  endedAt: z.number().default(0),
});

export const releaseHandler = (services: ReleaseServices) =>
  sweepHandler(payloadSchema, (payload) => releaseJobs(services, payload));

export const handler = deployed(releaseEnvironmentSchema, ({ QUEUES }) =>
  releaseHandler({
    isRedriven: isExecutionRedriven,
    terminateJobs: (execution, name) => terminateJobsOf(QUEUES, execution, name),
  }),
);
