import { setTimeout as sleep } from 'node:timers/promises';

/** Resources that a system may lack for a while: files per process, files in total, processes. */
const SCARCE: Readonly<Record<string, string>> = {
  EMFILE: 'too many open files; raise ulimit -n, or lower --max-parallel',
  ENFILE: 'this machine has too many open files; close programs, or lower --max-parallel',
  EAGAIN: 'no more processes can be started; raise ulimit -u, or lower --max-parallel',
};

/** The missing resource in words; null for any other error. Storage includes the system's error in its message. */
export function scarcity(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? error.code : undefined;
  const name = Object.keys(SCARCE).find((known) => known === code || new RegExp(`\\b${known}\\b`).test(error.message));
  return name === undefined ? null : SCARCE[name]!;
}

export interface Waiting {
  /** Ends the wait: the error of the last try is thrown. */
  readonly signal: AbortSignal;
  readonly everyMs: number;
  /** Called once, with the reason. */
  readonly onWait: (why: string) => void;
}

/** Repeats the work as long as the system lacks what it needs, because other trials end and free it. */
export async function whenAvailable<T>(work: () => Promise<T>, { signal, everyMs, onWait }: Waiting): Promise<T> {
  for (let isNotified = false; ; ) {
    try {
      return await work();
    } catch (error) {
      const why = scarcity(error);
      if (why === null || signal.aborted) throw error;
      if (!isNotified) onWait(why);
      isNotified = true;
      await sleep(everyMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) throw error;
    }
  }
}

/** Between two tries of what a trial does before and after its program. */
const TRIAL_EVERY_MS = 1000;

/** For work of a trial: its log says what it waits for. */
export const trialWaits = (signal: AbortSignal, log?: { add(text: string): void }): Waiting => ({
  signal,
  everyMs: TRIAL_EVERY_MS,
  onWait: (why) => log?.add(`sweep: waiting: ${why}\n`),
});
