import * as z from 'zod';
import type { ObjectStore } from '../../storage/store.ts';
import { deployed } from '../shared/deployed.ts';
import { sweepHandler } from '../shared/handler.ts';
import { aggregatePartition } from './aggregate-partition.ts';
import { environmentSchema } from './environment.ts';

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

export const aggregateHandler = (services: { readonly store: ObjectStore }) =>
  sweepHandler(payloadSchema, (payload) => aggregatePartition(services.store, payload));

export const handler = deployed(environmentSchema, aggregateHandler);
