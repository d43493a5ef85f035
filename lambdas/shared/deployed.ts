import type * as z from 'zod';
import { type AwsEnvironment, awsServices } from './aws-services.ts';
import type { Services } from './services.ts';

type Handler = (event: unknown, context: never) => Promise<unknown>;

/**
 * The handler that Lambda calls: made at the first call, from the function's environment, and kept. Importing the
 * module therefore has no effect, so the local run imports the same file and hands in services of its own.
 */
export function deployed(schema: z.ZodType<AwsEnvironment>, make: (services: Services) => unknown): Handler {
  let handler: Handler | undefined;
  return (event, context) => {
    handler ??= make(awsServices(schema.parse(process.env))) as Handler;
    return handler(event, context);
  };
}
