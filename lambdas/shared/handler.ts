import middy from '@middy/core';
import * as z from 'zod';
import { SweepstackError } from '../../core/base/errors.ts';

/**
 * A Lambda handler that checks its payload against `schema`, then runs `work`. Errors reach the state machine by their
 * `name`. Our own errors carry only their message, without a stack trace that nobody wants to see in a console; that of a
 * bug names the sources.
 */
export function sweepHandler<Payload, Answer>(schema: z.ZodType<Payload>, work: (payload: Payload) => Promise<Answer>) {
  return middy()
    .onError(async ({ error }) => {
      if (error instanceof SweepstackError) delete error.stack;
      else if (error?.stack !== undefined) {
        const { withSourcePositions } = await import('./source-positions.ts');
        error.stack = await withSourcePositions(error.stack);
      }
    })
    .handler(async (payload: unknown): Promise<Answer> => work(parsePayload(schema, payload)));
}

function parsePayload<Payload>(schema: z.ZodType<Payload>, payload: unknown): Payload {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  // Only the state machine calls these, so a wrong payload is our bug, not a mistake in the spec.
  const error = new SweepstackError(`the state machine's payload: ${z.prettifyError(parsed.error)}`);
  error.name = 'InvalidPayload';
  throw error;
}
