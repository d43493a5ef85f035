import type { OnEvent } from '../core/sweep/events.ts';
import { asError } from './errors.ts';

/**
 * While a sweep runs, a promise that fails with nobody waiting for it (a fault of ours, or of a library) is told of and
 * does not end the process: days of training are worth more. The answer puts things back.
 */
export function noticeStrayErrors(onEvent: OnEvent): () => void {
  const notify = (reason: unknown) => {
    const { name, message } = asError(reason);
    onEvent({ type: 'notice', message: `an unexpected error in the background: ${name}: ${message}` });
  };
  process.on('unhandledRejection', notify);
  return () => process.off('unhandledRejection', notify);
}
