import middy from '@middy/core';
import * as z from 'zod';
import { SweepstackError } from '../../core/base/errors.ts';

/**
 * A Lambda handler: its payload is checked against `schema`, then `work` does the rest. Errors reach the state machine
 * by their `name`; one of the product's own carries its sentence alone, without the stack that no person wants in a
 * console.
 */
export function sweepHandler<Payload, Answer>(schema: z.ZodType<Payload>, work: (payload: Payload) => Promise<Answer>) {
  return middy()
    .onError(({ error }) => {
      if (error instanceof SweepstackError) delete error.stack;
    })
    .handler(async (payload: unknown): Promise<Answer> => work(parsePayload(schema, payload)));
}

function parsePayload<Payload>(schema: z.ZodType<Payload>, payload: unknown): Payload {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  // Only the state machine calls these: a wrong payload is a fault of ours, not of the person who wrote the spec.
  const error = new SweepstackError(`the state machine's payload: ${z.prettifyError(parsed.error)}`);
  error.name = 'InvalidPayload';
  throw error;
}
