import { ignoresHangup, isRestarted } from './startup.ts';
import { EXIT, type Output } from './terminal/output.ts';

/** Ctrl-C while watching: the sweep runs elsewhere and goes on. */
export const LEAVING = 'Stopped watching; the sweep continues ...';

/**
 * Milliseconds within which a second signal is the first one's echo: under a Node that restarted the command (startup.ts) a
 * signal to the group comes by itself and from the parent. Few press Ctrl-C twice as fast, and they press again.
 */
const ECHO = 250;

/** The first Ctrl-C stops gently, a second at once; the terminal's own handling is back afterwards. */
export async function interruptible<Answer>(
  output: Output,
  work: (signal: AbortSignal) => Promise<Answer>,
  stopping = 'Stopping: trials get 30 seconds to save their work; press Ctrl-C again to stop at once.',
): Promise<Answer> {
  const controller = new AbortController();
  let first: number | null = null;
  const stop = () => {
    const now = performance.now();
    if (first === null) {
      first = now;
      output.note(`\n${stopping}`);
      controller.abort();
    } else if (!isRestarted || now - first > ECHO) process.exit(EXIT.interrupted);
  };
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', ...(ignoresHangup ? [] : (['SIGHUP'] as const))];
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
