import type * as z from 'zod';

type Handler = (event: unknown, context: never) => Promise<unknown>;

/**
 * The handler that Lambda calls, created on the first call from the function's environment, then reused. Importing the
 * module has no effect, so local runs import the same file and pass their own services.
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
