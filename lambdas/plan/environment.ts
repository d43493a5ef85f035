import * as z from 'zod';
import { plannedProfileSchema } from '../../core/aws/deployment.ts';
import { environmentSchema } from '../shared/environment.ts';

export const planEnvironmentSchema = environmentSchema.extend({
  /** The deployment's profiles by name, as JSON. */
  PROFILES: z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(z.record(z.string(), plannedProfileSchema)),
});
