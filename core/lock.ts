import * as z from 'zod';

/** `lock.json`: the execution that owns the sweep. */
export const lockSchema = z.object({
  /** An execution's ARN, or `local:<host>:<process id>:<start of the process>`. */
  execution: z.string(),
  /** For a person: who or what it is. */
  owner: z.string(),
  since: z.string(),
});
export type Lock = z.output<typeof lockSchema>;
