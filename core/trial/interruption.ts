import * as z from 'zod';

/**
 * `trials/<trialId>/<attempt>/interrupted.json`: an attempt that was told to stop leaves it in place of a result. One
 * that was killed leaves nothing.
 */
export const interruptionSchema = z.object({
  /** The budget it trained for. */
  epochs: z.int().min(1),
  /** As Batch counts, from 1. */
  attemptNumber: z.int().min(1),
  startedAt: z.string(),
  /** Wall seconds. */
  seconds: z.number().min(0),
  host: z.string(),
  /** The slot of a pool on one machine. */
  slot: z.int().min(0).optional(),
  /** In words. */
  why: z.string(),
});
export type Interruption = z.output<typeof interruptionSchema>;

/** So many are told of one trial, the latest: a result stays small. */
export const MAX_INTERRUPTIONS = 20;
