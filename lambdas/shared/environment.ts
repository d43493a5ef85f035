import * as z from 'zod';

/** The variables that every function reads; a function that needs more extends it. */
export const environmentSchema = z.object({
  /** The sweeps' store: s3://bucket or s3://bucket/prefix. */
  STORE_URL: z.string().startsWith('s3://'),
});
