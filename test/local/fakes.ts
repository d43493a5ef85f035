import { onTestFinished } from 'vitest';
import { RETRY_RULES } from '../../core/aws/retry.ts';
import type { Child, RunChild } from '../../local/batch.ts';
import type { Slot } from '../../local/slots.ts';
import type { After } from '../../local/timer.ts';

export function slots(count: number): Slot[] {
  return Array.from({ length: count }, (_, id) => ({ id, cores: 1, gpus: null }));
}

/** SubmitJob's parameters as the state machine sends them; `size` null: a plain job. */
export function submission(size: number | null, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    JobName: 'sweep-0-0',
    JobQueue: 'local',
    JobDefinition: 'local',
    ...(size === null ? {} : { ArrayProperties: { Size: size } }),
    RetryStrategy: { Attempts: 3, EvaluateOnExit: RETRY_RULES },
    Timeout: { AttemptDurationSeconds: 120 },
    ContainerOverrides: { Environment: [{ Name: 'SWEEP_MANIFEST', Value: 'file:///x#width=9' }] },
    ...more,
  };
}

/** A clock that a test moves: `fire()` lets every timer due within the time given ring. */
export function manualClock(): { after: After; pending: () => number[]; fire: (milliseconds: number) => void } {
  const timers = new Set<{ milliseconds: number; act: () => void }>();
  return {
    after: (milliseconds, act) => {
      const timer = { milliseconds, act };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pending: () => [...timers].map(({ milliseconds }) => milliseconds),
    fire: (within) => {
      for (const timer of [...timers].filter(({ milliseconds }) => milliseconds <= within)) {
        timers.delete(timer);
        timer.act();
      }
    },
  };
}

/** Children that end as `exit` says, and the record of all that ran. */
export function recordedChildren(exit: (child: Child) => number | Promise<number> = () => 0): {
  ran: Child[];
  maxAtOnce: () => number;
  runChild: RunChild;
} {
  const ran: Child[] = [];
  let running = 0;
  let most = 0;
  return {
    ran,
    maxAtOnce: () => most,
    runChild: async (child) => {
      ran.push(child);
      most = Math.max(most, ++running);
      try {
        await turns(3);
        return { exitCode: await exit(child) };
      } finally {
        running--;
      }
    },
  };
}

/** Lets what is ready go on, some times over; nothing sleeps. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits for what other code is about to do, as long as the test may take: a loop that outlives it would never end. */
export async function until(holds: () => boolean): Promise<void> {
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  while (!holds()) {
    if (isOver) throw new Error('the test ended before what it waits for');
    await turns(1);
  }
}

/** Ends with 75 once it is told to stop, as the runner does. */
export function untilAborted(signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(75);
    signal.addEventListener('abort', () => resolve(75), { once: true });
  });
}

export const NEVER = new AbortController().signal;
