import { setTimeout as sleep } from 'node:timers/promises';
import type { FoundSweep } from '../lookup/find.ts';
import { progressOf, type SweepProgress } from '../lookup/progress-of.ts';
import { lockOf, stateOf } from '../lookup/state.ts';
import { frame } from '../terminal/frame.ts';
import { canvasOf } from '../terminal/live.ts';
import { EXIT, type Output } from '../terminal/output.ts';
import { Screen } from '../terminal/screen.ts';
import { summaryLine } from '../terminal/summary.ts';
import { printStatus } from './status.ts';

/** Seconds between two pictures: the run itself writes one a second (lookup/live-file.ts). */
const TERMINAL_SECONDS = 1;
const PIPE_SECONDS = 5;

/** Shows a sweep that another terminal of this machine runs until that run ends; the exit status is the sweep's own. */
export async function watchHere(
  sweep: FoundSweep,
  every: number | undefined,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const stream = process.stderr;
  const redraws = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  const show = redraws ? drawn() : printed(output);
  const pause = (every ?? (redraws ? TERMINAL_SECONDS : PIPE_SECONDS)) * 1000;
  try {
    while ((await runs(sweep)) && !signal.aborted) {
      const shown = await progressOf(sweep);
      if (shown !== null) show.now(shown);
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  } finally {
    show.end();
  }
  if (signal.aborted) {
    output.note(
      `The sweep is still running; sweep watch ${sweep.sweepId} shows it again, sweep stop ${sweep.sweepId} ends it.`,
    );
    return EXIT.interrupted;
  }
  await printStatus(sweep, output);
  const { status } = await stateOf(sweep);
  if (status === 'paused') return EXIT.interrupted;
  return status === 'succeeded' ? EXIT.done : EXIT.failed;
}

async function runs(sweep: FoundSweep): Promise<boolean> {
  const lock = await lockOf(sweep);
  return lock !== null && (await sweep.isRunning(lock));
}

interface Shown {
  now(shown: SweepProgress): void;
  end(): void;
}

/** In place; the status that follows holds the last picture. */
function drawn(): Shown {
  const screen = new Screen(process.stderr);
  return {
    now: ({ progress, spec }) => screen.draw(frame(progress, spec, canvasOf(process.stderr, process.env))),
    end: () => screen.end(false),
  };
}

/** A line whenever something has changed. */
function printed(output: Output): Shown {
  let last = '';
  return {
    now: ({ progress, spec }) => {
      const line = summaryLine(progress, spec);
      if (line !== last) output.note(line);
      last = line;
    },
    end: () => {},
  };
}
