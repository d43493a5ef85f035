import type { OnEvent } from '../core/sweep/events.ts';
import { asError } from './errors.ts';

/**
 * While a sweep runs, an unhandled rejection (our bug, or a library's) is reported but does not end the process, because
 * days of training are worth more. Returns a function that restores the default.
 */
export function noticeStrayErrors(onEvent: OnEvent): () => void {
  const notify = (reason: unknown) => {
    const { name, message } = asError(reason);
    onEvent({ type: 'notice', message: `an unexpected error in the background: ${name}: ${message}` });
  };
  process.on('unhandledRejection', notify);
  return () => process.off('unhandledRejection', notify);
}
