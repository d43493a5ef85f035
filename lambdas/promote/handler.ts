import * as z from 'zod';
import type { ObjectStore } from '../../storage/store.ts';
import { awsServices } from '../shared/aws-services.ts';
import { deployed } from '../shared/deployed.ts';
import { environmentSchema } from '../shared/environment.ts';
import { sweepHandler } from '../shared/handler.ts';
import { promoteChampion } from './promote-champion.ts';

const payloadSchema = z.object({ sweepId: z.string().min(1), execution: z.string().min(1) });

export const promoteHandler = (services: { readonly store: ObjectStore }) =>
  sweepHandler(payloadSchema, (payload) => promoteChampion(services.store, payload));

export const handler = deployed(environmentSchema, (environment) => promoteHandler(awsServices(environment)));
