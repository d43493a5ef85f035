import * as z from 'zod';
import { plannedProfileSchema } from '../../core/aws/deployment.ts';

export const environmentSchema = z.object({
  /** The sweeps' store: s3://bucket or s3://bucket/prefix. */
  STORE_URL: z.string().startsWith('s3://'),
  /** The profiles of the deployment, by name, as JSON. */
  PROFILES: z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(z.record(z.string(), plannedProfileSchema)),
});
