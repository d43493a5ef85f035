import * as z from 'zod';
import { sealed, unsealed } from '../base/checksum.ts';
import { CURVE_POINTS } from './curve.ts';
import { STOP_RULES } from './early-stop.ts';
import { epochWarningSchema } from './epoch-warnings.ts';
import { FAILURE_CLASSES } from './failure.ts';
import { instanceSchema } from './instance.ts';
import { interruptionSchema, MAX_INTERRUPTIONS } from './interruption.ts';
import { peakMemorySchema } from './memory.ts';
import { modelFileSchema, modelFilesSchema } from './model-files.ts';
import { modelRewriteSchema } from './model-rewrite.ts';
import { phasesSchema } from './phases.ts';
import { provenanceSchema } from './provenance.ts';
import { usageSchema } from './usage.ts';

/**
 * A trial result: the one small object a finished trial leaves, written last, whole and once. It names the attempt
 * whose files count. What only the machine decides (seconds, host) is kept apart, under `facts`.
 */
export const trialResultSchema = z
  .object({
    sweepId: z.string(),
    trial: z.int().min(0),
    trialId: z.string(),
    /** The budget it was trained to. */
    epochs: z.int().min(1),
    status: z.enum(['succeeded', 'failed']),
    /** The objective it was judged by. Results of earlier versions tell the metric alone. */
    metric: z.string(),
    goal: z.enum(['maximize', 'minimize']).optional(),
    at: z.enum(['best', 'last']).optional(),
    /** The metrics of the other objectives it was judged by, and their values when it succeeded. */
    otherMetrics: z.array(z.string()).optional(),
    others: z.record(z.string(), z.number()).optional(),
    /** The objective; finite when it succeeded, null when it failed. */
    value: z.number().nullable(),
    /** The epoch of that value. */
    epoch: z.number().nullable(),
    diverged: z.boolean(),
    /** The rule of training.stop that ended it before its budget. */
    stopped: z.enum(STOP_RULES).optional(),
    failure: z.object({ class: z.enum(FAILURE_CLASSES), reason: z.string() }).nullable(),
    /** The folder below `trials/<trialId>/` that holds this result's files. */
    attempt: z.string().regex(/^[A-Za-z0-9_-]+$/),
    /** The objective by epoch. */
    curve: z
      .array(z.tuple([z.number(), z.number().nullable()]))
      .max(CURVE_POINTS)
      .optional(),
    /** Files under model/, 0 when the program wrote none. */
    modelFiles: z.int().min(0),
    model: modelFilesSchema,
    facts: z.object({
      startedAt: z.string(),
      /** When its job was submitted; left out where nobody tells. */
      submittedAt: z.string().optional(),
      /** Wall seconds of the attempt that finished. */
      seconds: z.number(),
      host: z.string(),
      /** The attempt's number as Batch counts, from 1. */
      attemptNumber: z.int().min(1),
      /** The slot of a pool on one machine. */
      slot: z.int().min(0).optional(),
      /** The EC2 instance; none on a machine of one's own. */
      instance: instanceSchema.optional(),
      phases: phasesSchema.optional(),
      /** Its attempts that were interrupted before. */
      interrupted: z.array(interruptionSchema).max(MAX_INTERRUPTIONS).optional(),
      /** metrics.jsonl and log.txt, as they were stored; results of earlier versions do not tell. */
      texts: z.array(modelFileSchema).max(2).optional(),
      /** Where the model came back with the checkpoint and was written again. */
      modelRewrite: modelRewriteSchema.optional(),
      /** Files that it wrote and that were left out, or are stored under other names, in words. */
      notes: z.array(z.string()).optional(),
      /** The most memory that the program took in that attempt. */
      peakMemory: peakMemorySchema.optional(),
      /** How busy it kept its machine. */
      usage: usageSchema.optional(),
      /** The file that objective.file found. */
      metricsFile: z.string().optional(),
      /** How it counts its epochs, where that does not fit what it was asked for. */
      warnings: z.array(epochWarningSchema).optional(),
      /** Of the first trial: what the sweep ran on and came from. */
      provenance: provenanceSchema.optional().catch(undefined),
      /** The last lines of the log, kept for failed trials only. */
      logTail: z.string(),
    }),
  })
  .refine(
    (result) => (result.status === 'succeeded') === (result.value !== null),
    'a success has a finite value, a failure none',
  )
  .refine(
    (result) => (result.status === 'failed') === (result.failure !== null),
    'a failure has a reason, a success none',
  );

export type TrialResult = z.output<typeof trialResultSchema>;

/** `attempt` of a result that no attempt left: its trial was not begun, or whoever began it was lost. Its seconds are none. */
export const NO_ATTEMPT = 'none';

/** A result as it is stored, sealed with a checksum: a changed value would make another trial the best. */
export const resultText = (result: TrialResult): string => `${JSON.stringify(sealed(result))}\n`;

/** Reads a result; null when it is torn, damaged, malformed, or of another sweep, trial or budget. */
export function parseResult(
  body: Buffer | string,
  expected: { readonly sweepId: string; readonly trialId: string; readonly epochs: number },
): TrialResult | null {
  let value: unknown;
  try {
    value = unsealed(JSON.parse(body.toString()))?.value;
  } catch {
    return null;
  }
  const parsed = trialResultSchema.safeParse(value);
  if (!parsed.success) return null;
  const { sweepId, trialId, epochs } = parsed.data;
  return sweepId === expected.sweepId && trialId === expected.trialId && epochs === expected.epochs
    ? parsed.data
    : null;
}
