import type { OnEvent } from '../core/sweep/events.ts';
import { asError } from './errors.ts';

/**
 * While a sweep runs, a promise that fails with nobody waiting for it (a fault of ours, or of a library) is told of and
 * does not end the process: days of training are worth more. The answer puts things back.
 */
export function tellStrayErrors(onEvent: OnEvent): () => void {
  const tell = (reason: unknown) => {
    const { name, message } = asError(reason);
    onEvent({ type: 'notice', message: `an unexpected error in the background: ${name}: ${message}` });
  };
  process.on('unhandledRejection', tell);
  return () => process.off('unhandledRejection', tell);
}
