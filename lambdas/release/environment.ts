import * as z from 'zod';

export const releaseEnvironmentSchema = z.object({
  /** ARNs of the deployment's job queues, as JSON. */
  QUEUES: z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(z.array(z.string().min(1))),
});
