import * as z from 'zod';
import { awsServices } from '../shared/aws-services.ts';
import { deployed } from '../shared/deployed.ts';
import { sweepHandler } from '../shared/handler.ts';
import type { Services } from '../shared/services.ts';
import { planEnvironmentSchema } from './environment.ts';
import { planRound } from './plan-round.ts';

const payloadSchema = z.object({
  spec: z.unknown(),
  execution: z.string().min(1),
  name: z.string().min(1),
  round: z.int().min(0),
  reused: z.int().min(0),
});

export const planHandler = (services: Services) =>
  sweepHandler(payloadSchema, (payload) => planRound(services, payload));

export const handler = deployed(planEnvironmentSchema, (environment) => planHandler(awsServices(environment)));
