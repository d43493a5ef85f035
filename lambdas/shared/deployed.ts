import type * as z from 'zod';

type Handler = (event: unknown, context: never) => Promise<unknown>;

/**
 * The handler that Lambda calls: made at the first call, from the function's environment, and kept. Importing the
 * module therefore has no effect, so the local run imports the same file and hands in services of its own.
 */
export function deployed<Environment>(
  schema: z.ZodType<Environment>,
  make: (environment: Environment) => unknown,
): Handler {
  let handler: Handler | undefined;
  return (event, context) => {
    handler ??= make(schema.parse(process.env)) as Handler;
    return handler(event, context);
  };
}
