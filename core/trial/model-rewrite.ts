import * as z from 'zod';

/** What a runner saw of a model that came back with the checkpoint and was written again. */
export const modelRewriteSchema = z.object({
  /** The last epoch of the metrics that the attempt began with. */
  resumedAfter: z.number(),
  /** Whether epochs were reported after that: the program keeps models as it trains, and not once at the end. */
  whileTraining: z.boolean(),
});

export type ModelRewrite = z.output<typeof modelRewriteSchema>;

/**
 * What must be said of a model that was written again after the epoch whose value counts; null: nothing.
 * @param epoch of the value
 */
export function rewriteNote(epoch: number | null, rewrite: ModelRewrite | undefined): string | null {
  if (rewrite === undefined || epoch === null || epoch > rewrite.resumedAfter) return null;
  return rewrite.whileTraining
    ? `the value is from epoch ${epoch}, but the model is not: it was rewritten after training resumed from epoch ${rewrite.resumedAfter}; a program that resumes must keep its best value so far in CHECKPOINT_DIR`
    : `the value is from epoch ${epoch}, but the model may not be: it was rewritten when the program ended, after training resumed from epoch ${rewrite.resumedAfter}; it is right if the program keeps its best weights in CHECKPOINT_DIR`;
}
