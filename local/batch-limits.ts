import * as z from 'zod';
import type { RetryStrategy } from '../core/aws/retry.ts';
import { ServiceError } from './errors.ts';

/**
 * SubmitJob's input as the state machine sends it, with AWS Batch's limits
 * (https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html), so a local run refuses what AWS would refuse.
 * Sizes are bytes of the request's JSON.
 */
const MAX_OVERRIDES_BYTES = 8192;
const MAX_PAYLOAD_BYTES = 30 * 1024;

const rule = z.strictObject({
  OnStatusReason: z.string().max(512).optional(),
  OnReason: z.string().max(512).optional(),
  OnExitCode: z
    .string()
    .max(512)
    .regex(/^[0-9]*\*?$/)
    .optional(),
  Action: z.enum(['RETRY', 'EXIT']),
});

const submissionSchema = z.strictObject({
  JobName: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/,
      'allowed: 1 to 128 letters, digits, - and _, starting with a letter or digit',
    ),
  JobQueue: z.string().min(1),
  JobDefinition: z.string().min(1),
  ArrayProperties: z.strictObject({ Size: z.int().min(2).max(10_000) }).optional(),
  RetryStrategy: z
    .strictObject({ Attempts: z.int().min(1).max(10).default(1), EvaluateOnExit: z.array(rule).max(5).default([]) })
    .prefault({}),
  Timeout: z.strictObject({ AttemptDurationSeconds: z.int().min(60) }).optional(),
  Tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional(),
  ContainerOverrides: z
    .strictObject({ Environment: z.array(z.strictObject({ Name: z.string().min(1), Value: z.string() })).default([]) })
    .prefault({}),
});

/** A submitted job: one child, or an array of them. */
export interface Submission {
  readonly name: string;
  readonly queue: string;
  readonly definition: string;
  /** Children of an array; null for a plain job. */
  readonly size: number | null;
  readonly retry: RetryStrategy;
  /** Of one attempt of one child; null: no limit. */
  readonly attemptSeconds: number | null;
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws ServiceError Batch.ClientException, as SubmitJob does for input that it rejects */
export function checkSubmission(parameters: unknown): Submission {
  const parsed = submissionSchema.safeParse(parameters);
  if (!parsed.success) throw refused(z.prettifyError(parsed.error));
  const { data } = parsed;
  checkBytes('the container overrides', data.ContainerOverrides, MAX_OVERRIDES_BYTES);
  checkBytes('the request', parameters, MAX_PAYLOAD_BYTES);
  return {
    name: data.JobName,
    queue: data.JobQueue,
    definition: data.JobDefinition,
    size: data.ArrayProperties?.Size ?? null,
    retry: data.RetryStrategy as RetryStrategy,
    attemptSeconds: data.Timeout?.AttemptDurationSeconds ?? null,
    environment: Object.fromEntries(data.ContainerOverrides.Environment.map(({ Name, Value }) => [Name, Value])),
  };
}

function checkBytes(what: string, value: unknown, allowed: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes > allowed) throw refused(`${what}: received ${bytes} bytes; allowed: at most ${allowed}`);
}

function refused(message: string): ServiceError {
  return new ServiceError('Batch.ClientException', `Error executing request, Exception : ${message}`);
}
