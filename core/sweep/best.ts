import * as z from 'zod';
import { jsonSchema } from '../base/json.ts';
import { modelFilesSchema } from '../trial/model-files.ts';

/** `best.json`: the sweep's best trial so far, and where its model is. */
export const bestSchema = z.object({
  sweepId: z.string(),
  trial: z.int(),
  trialId: z.string(),
  parameters: z.record(z.string(), jsonSchema),
  metric: z.string(),
  /** For a confirmed trial, the mean over the new seeds. */
  value: z.number(),
  /** The other objectives' values, if any, from its own run. */
  others: z.record(z.string(), z.number()).optional(),
  /** The standard deviation over those seeds, and how many there were; absent without search.confirm. */
  confirmed: z.object({ spread: z.number(), seeds: z.int() }).optional(),
  epoch: z.number().nullable(),
  epochs: z.int(),
  /** Key prefix of the model's files; null if the program wrote none. */
  model: z.string().nullable(),
  files: modelFilesSchema,
  /** A caution about that model, or why there is none; absent if it is simply the best. */
  modelNote: z.string().optional(),
});
export type Best = z.output<typeof bestSchema>;

/** Why the best trial's model is missing although its program wrote one; null if it is there, or none was written. */
export const lostModel = ({ model, modelNote }: Best): string | null => (model === null ? (modelNote ?? null) : null);
