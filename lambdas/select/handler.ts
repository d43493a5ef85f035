import * as z from 'zod';
import { awsServices } from '../shared/aws-services.ts';
import { deployed } from '../shared/deployed.ts';
import { environmentSchema } from '../shared/environment.ts';
import { sweepHandler } from '../shared/handler.ts';
import { type SelectServices, selectBest } from './select-best.ts';

const payloadSchema = z.object({
  sweepId: z.string().min(1),
  round: z.int().min(0),
  wave: z.int().min(0).default(0),
  reused: z.int().min(0),
  execution: z.string().min(1),
});

export const selectHandler = (services: SelectServices) =>
  sweepHandler(payloadSchema, (payload) => selectBest(services, payload));

export const handler = deployed(environmentSchema, (environment) => selectHandler(awsServices(environment)));
