import { createLogUpdate } from 'log-update';
import type { Spec } from '../../core/spec.ts';
import type { OnEvent, SweepEvent } from '../../local/events.ts';
import { advance, bestLine, initialProgress, type Progress, runningLine, summaryLine } from './progress.ts';
import { cut, duration, plain } from './table.ts';

/** Shows a sweep while it runs. `end` leaves the terminal as it was found. */
export interface Renderer {
  readonly onEvent: OnEvent;
  end(): void;
}

export interface RendererOptions {
  readonly spec: Spec;
  readonly stream: NodeJS.WriteStream | NodeJS.WritableStream;
  readonly now: () => number;
}

/** On a terminal it redraws in place; into a pipe it prints a line now and then. */
export function liveRenderer(options: RendererOptions): Renderer {
  const stream = options.stream as NodeJS.WriteStream;
  return stream.isTTY && process.env['TERM'] !== 'dumb' ? terminalRenderer(options, stream) : plainRenderer(options);
}

/** A redraw this often shows time passing and costs nothing. */
const REDRAW_MS = 500;
const MOST_RUNNING = 8;

function terminalRenderer({ spec, now }: RendererOptions, stream: NodeJS.WriteStream): Renderer {
  const screen = createLogUpdate(stream, { showCursor: false });
  const lasting = lastingLines();
  let progress = initialProgress(spec, now());
  const draw = () => screen(frame({ ...progress, now: now() }, spec, stream.columns || 80));
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    onEvent: (event) => {
      progress = advance(progress, event, now(), spec);
      const line = lasting(event);
      if (line !== null) {
        screen.clear();
        stream.write(`${line}\n`);
        draw();
      }
    },
    end: () => {
      clearInterval(timer);
      draw();
      screen.done();
    },
  };
}

function frame(progress: Progress, spec: Spec, columns: number): string {
  const { running, total, trained, reused } = progress;
  const width = Math.max(10, Math.min(40, columns - 12));
  const full = total === 0 ? width : Math.round(((trained + reused) / total) * width);
  const trials = [...running.values()];
  const lines = [
    `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`,
    summaryLine(progress),
    bestLine(progress, spec),
    ...trials.slice(0, MOST_RUNNING).map((trial) => runningLine(trial, progress.now)),
    trials.length > MOST_RUNNING ? `  and ${trials.length - MOST_RUNNING} more` : null,
  ];
  return lines.flatMap((line) => (line === null ? [] : [cut(line, columns - 1)])).join('\n');
}

/** A line now and then: at once for what changes the picture, else at most every few seconds. */
const LINE_EVERY_MS = 5000;

function plainRenderer({ spec, stream, now }: RendererOptions): Renderer {
  const lasting = lastingLines();
  let progress = initialProgress(spec, now());
  let last = Number.NEGATIVE_INFINITY;
  let bestShown: string | null = null;
  const print = (line: string) => void stream.write(`${line}\n`);
  const show = () => {
    last = now();
    print(summaryLine(progress));
    const best = bestLine(progress, spec);
    if (best !== null && best !== bestShown) print(best);
    bestShown = best;
  };
  return {
    onEvent: (event) => {
      progress = advance(progress, event, now(), spec);
      const line = lasting(event);
      if (line !== null) print(line);
      if (event.type === 'trial-ended' && now() - last >= LINE_EVERY_MS) show();
    },
    end: () => {
      if (progress.trained + progress.reused > 0) show();
    },
  };
}

/** Failed trials of one class that get a line each; the rest are counted in the summary. */
const LINES_A_CLASS = 3;

/** What is worth a line that stays: the machine, rounds, notices, the first failed trials of each class. */
function lastingLines(): (event: SweepEvent) => string | null {
  const seen = new Map<string, number>();
  return (event) => {
    if (event.type === 'trial-ended' && event.failure !== null) {
      const count = (seen.get(event.failure.class) ?? 0) + 1;
      seen.set(event.failure.class, count);
      if (count > LINES_A_CLASS) return null;
    }
    return lastingLine(event);
  };
}

function roundText({ kind, trials, epochs }: Extract<SweepEvent, { type: 'round-planned' }>): string {
  const many = `${trials} ${trials === 1 ? 'trial' : 'trials'}`;
  if (kind === 'rung') return `${many} ${trials === 1 ? 'goes' : 'go'} on to epoch ${epochs}`;
  const each = `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} each`;
  return kind === 'confirm' ? `${many} with new seeds confirm the best, ${each}` : `${many}, ${each}`;
}

function lastingLine(event: SweepEvent): string | null {
  switch (event.type) {
    case 'execution-started':
      return `sweep ${event.sweepId}${event.machine === null ? '' : `: ${event.machine}`}`;
    case 'round-planned':
      return event.reused === 0
        ? `round ${event.round + 1}: ${roundText(event)}`
        : `round ${event.round + 1}: ${roundText(event)}, ${event.reused} done before`;
    case 'trial-ended':
      return event.failure === null || event.reused
        ? null
        : `trial ${event.trial} (${event.id}) failed after ${duration(event.seconds)}: ${plain(event.failure.class)}: ${plain(event.failure.reason)}`;
    case 'child-lost':
      return `child ${event.index ?? 0} of job ${event.job}, attempt ${event.attempt}: ${plain(event.reason)}`;
    case 'notice':
      return plain(event.message);
    default:
      return null;
  }
}
