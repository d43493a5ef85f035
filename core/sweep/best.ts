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
  /** Of a trial that was confirmed, the mean over the new seeds. */
  value: z.number(),
  /** The other objectives' values, where there are any; of its own run. */
  others: z.record(z.string(), z.number()).optional(),
  /** The standard deviation over those seeds, and how many there were; absent without search.confirm. */
  confirmed: z.object({ spread: z.number(), seeds: z.int() }).optional(),
  epoch: z.number().nullable(),
  epochs: z.int(),
  /** Key prefix of the model's files; null when the program wrote none. */
  model: z.string().nullable(),
  files: modelFilesSchema,
  /** What a person must know who takes that model, or why there is none; absent when it is the best by the objective. */
  modelNote: z.string().optional(),
});
export type Best = z.output<typeof bestSchema>;

/** Why the best trial's model is not there, though its program wrote one; null when it is there, or none was written. */
export const lostModel = ({ model, modelNote }: Best): string | null => (model === null ? (modelNote ?? null) : null);
