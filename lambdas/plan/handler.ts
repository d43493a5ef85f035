import * as z from 'zod';
import { jobsForTrials, lanesOf } from '../../core/spec/packing.ts';
import { awsServices } from '../shared/aws-services.ts';
import { deployed } from '../shared/deployed.ts';
import { sweepHandler } from '../shared/handler.ts';
import { planEnvironmentSchema } from './environment.ts';
import { type PlanServices, planRound } from './plan-round.ts';

const payloadSchema = z.object({
  spec: z.unknown(),
  execution: z.string().min(1),
  name: z.string().min(1),
  round: z.int().min(0),
  wave: z.int().min(0).default(0),
  reused: z.int().min(0),
});

export const planHandler = (services: PlanServices) =>
  sweepHandler(payloadSchema, (payload) => planRound(services, payload));

/** The number of machines if neither the spec nor the stack, which may be an earlier version, says how many. */
const DEFAULT_PARALLEL = 16;

export const handler = deployed(planEnvironmentSchema, (environment) =>
  planHandler({
    ...awsServices(environment),
    parallel: ({ compute }) =>
      compute.maxParallel === undefined
        ? (environment.PROFILES[compute.profile]?.parallel ?? DEFAULT_PARALLEL)
        : jobsForTrials(compute.maxParallel, lanesOf(compute)),
    // Imported late because few cold starts need Batch's client.
    endJobs: async (jobs) => (await import('./batch-jobs.ts')).endJobs(jobs),
  }),
);
