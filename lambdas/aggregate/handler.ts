import * as z from 'zod';
import { awsServices } from '../shared/aws-services.ts';
import { deployed } from '../shared/deployed.ts';
import { environmentSchema } from '../shared/environment.ts';
import { sweepHandler } from '../shared/handler.ts';
import { type AggregateServices, aggregatePartition } from './aggregate-partition.ts';

const payloadSchema = z.object({
  sweepId: z.string().min(1),
  round: z.int().min(0),
  epochs: z.int().min(1),
  partition: z.object({
    partition: z.int().min(0),
    manifest: z.string().min(1),
    first: z.int().min(0),
    count: z.int().min(1),
  }),
});

export const aggregateHandler = (services: AggregateServices) =>
  sweepHandler(payloadSchema, (payload) => aggregatePartition(services, payload));

export const handler = deployed(environmentSchema, (environment) =>
  aggregateHandler({
    ...awsServices(environment),
    // Only needed when results are missing, so few cold starts load Batch's client.
    async *failedJobs(...round) {
      yield* (await import('./batch-jobs.ts')).failedJobs(...round);
    },
  }),
);
