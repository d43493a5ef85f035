import * as z from 'zod';
import { instanceSchema } from './instance.ts';
import { phasesSchema } from './phases.ts';

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
  /** When its job was submitted; left out where nobody tells. */
  submittedAt: z.string().optional(),
  /** Wall seconds. */
  seconds: z.number().min(0),
  host: z.string(),
  /** The slot of a pool on one machine. */
  slot: z.int().min(0).optional(),
  /** The EC2 instance; none on a machine of one's own. */
  instance: instanceSchema.optional(),
  phases: phasesSchema.optional(),
  /** In words. */
  why: z.string(),
});
export type Interruption = z.output<typeof interruptionSchema>;

/** The `why` of an attempt whose Spot instance EC2 took back. */
export const SPOT_TAKEN_BACK = 'AWS reclaimed the Spot instance';

/** So many are named by a result, which stays small. */
export const MAX_INTERRUPTIONS = 20;

/** Those that a result for the budget `epochs` names: of the attempts at it the latest, in the order of their starts. */
export function latestInterruptions(all: readonly Interruption[], epochs: number): Interruption[] {
  return all
    .filter((interruption) => interruption.epochs === epochs)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .slice(-MAX_INTERRUPTIONS);
}
