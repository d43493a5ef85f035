import type { Spec } from '../../core/spec/spec.ts';
import type { OnEvent } from '../../core/sweep/events.ts';
import { advance, initialProgress, type Progress } from '../../core/sweep/progress.ts';
import type { Canvas } from './canvas.ts';
import { colorsOf, showsUnicode, wantsColor } from './colors.ts';
import { frame } from './frame.ts';
import { lastingLines } from './lasting.ts';
import { Screen } from './screen.ts';
import { bestLine, summaryLine } from './summary.ts';
import { fitted } from './wrap.ts';

/** Shows a sweep while it runs. `end` leaves the terminal as it was found. */
export interface Renderer {
  readonly onEvent: OnEvent;
  /** A line of something else, which must not tear the picture. */
  readonly note: (line: string) => void;
  /** `keep`: whether the last picture stays; default: it does. What follows without it says how the sweep ended. */
  end(keep?: boolean): void;
}

export interface RendererOptions {
  readonly spec: Spec;
  readonly stream: NodeJS.WriteStream | NodeJS.WritableStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => number;
  /** Called after every change. */
  readonly onProgress?: (progress: Progress) => void;
}

/** On a terminal it redraws in place; into a pipe it prints a line now and then. */
export function liveRenderer(options: RendererOptions): Renderer {
  const stream = options.stream as NodeJS.WriteStream;
  const redraws = stream.isTTY === true && options.environment['TERM'] !== 'dumb';
  return redraws ? terminalRenderer(options, stream) : plainRenderer(options);
}

export function canvasOf(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Canvas {
  // Where nobody looks at columns, nothing is cut.
  const { columns = 80, rows = 24 } = stream.isTTY ? stream : { columns: 10_000, rows: 10_000 };
  return { columns, rows, color: wantsColor(stream, environment), unicode: showsUnicode(environment) };
}

/** A redraw this often shows time passing and costs nothing. */
const REDRAW_MS = 500;

function terminalRenderer(
  { spec, now, environment, onProgress }: RendererOptions,
  stream: NodeJS.WriteStream,
): Renderer {
  const screen = new Screen(stream);
  const lasting = lastingLines(colorsOf(wantsColor(stream, environment)));
  let progress = initialProgress(spec, now());
  const lines = () => frame({ ...progress, now: now() }, spec, canvasOf(stream, environment));
  const draw = () => screen.draw(lines());
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  stream.on('resize', draw);
  return {
    onEvent: (event) => {
      progress = advance(progress, event, now(), spec);
      onProgress?.(progress);
      const line = lasting(event);
      if (line !== null) screen.print(fitted(line, stream), lines());
    },
    note: (line) => screen.print(fitted(line, stream), lines()),
    end: (keep = true) => {
      clearInterval(timer);
      stream.off('resize', draw);
      draw();
      screen.end(keep);
    },
  };
}

/** A line now and then: at once for what changes the picture, else at most every few seconds. */
const LINE_EVERY_MS = 5000;

function plainRenderer({ spec, stream, now, environment, onProgress }: RendererOptions): Renderer {
  const lasting = lastingLines(colorsOf(wantsColor(stream as NodeJS.WriteStream, environment)));
  let progress = initialProgress(spec, now());
  let last = Number.NEGATIVE_INFINITY;
  let bestShown: string | null = null;
  const print = (line: string) => void stream.write(`${line}\n`);
  const show = (withBest = true) => {
    last = now();
    print(summaryLine(progress, spec));
    if (!withBest) return;
    const best = bestLine(progress, spec);
    if (best !== null && best !== bestShown) print(best);
    bestShown = best;
  };
  return {
    onEvent: (event) => {
      progress = advance(progress, event, now(), spec);
      onProgress?.(progress);
      const line = lasting(event);
      if (line !== null) print(line);
      if (event.type === 'trial-ended' && now() - last >= LINE_EVERY_MS) show();
    },
    note: print,
    end: (keep = true) => {
      if (progress.trained + progress.reused > 0) show(keep);
    },
  };
}
