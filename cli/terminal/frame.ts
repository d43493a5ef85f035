import type { Spec } from '../../core/spec/spec.ts';
import { bestSoFar, type Progress, secondsLeft, trialsDone } from '../../core/sweep/progress.ts';
import { failedAndNotRun } from '../../core/trial/failure.ts';
import { instanceText, mostFirst } from '../../core/trial/instance.ts';
import type { Canvas } from './canvas.ts';
import { colorsOf } from './colors.ts';
import { runningTable } from './running-table.ts';
import { sparkline } from './sparkline.ts';
import { spentPieces } from './spent-text.ts';
import { bestText } from './table.ts';
import { cut, duration, padEnd, parameterTexts, plain, width } from './text.ts';

export interface FrameOptions {
  /** The sweep's state, in a word; left out while it is watched. */
  readonly status?: string;
  /** What is shown in place of the time, where it does not run. */
  readonly time?: string;
}

const BAR_COLUMNS = 40;
const LABEL = 8;

/** The sweep's present state, as lines that fit the canvas. Pure: the same progress gives the same lines. */
export function frame(progress: Progress, spec: Spec, canvas: Canvas, { status, time }: FrameOptions = {}): string[] {
  // The last column stays free: some terminals wrap what ends in it.
  const columns = Math.max(LABEL + 4, canvas.columns - 1);
  const on = { ...canvas, columns };
  const lines = [
    ...headline(progress, on, status),
    ...barLines(progress, spec, on),
    ...(time === undefined ? timeLines(progress, on) : fold('time', [time], on)),
    ...costLines(progress, spec, on),
    ...slotLines(progress, on),
    ...instanceLines(progress, on),
    ...bestLines(progress, spec, on),
    ...failureLines(progress, on),
  ];
  return [...lines, ...runningTable(progress, spec, on, canvas.rows - lines.length - 2)].map((line) =>
    cut(line, columns),
  );
}

/** Pieces after a label, folded where they do not fit; at most `most` lines. */
function fold(label: string, pieces: readonly string[], canvas: Canvas, separator = ', ', most = 3): string[] {
  const room = canvas.columns - LABEL;
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + separator.length + width(piece) <= room)
      lines[lines.length - 1] = `${last}${separator}${piece}`;
    else lines.push(cut(piece, room));
  }
  const shown = lines.slice(0, most);
  if (lines.length > most) shown[most - 1] = cut(`${shown[most - 1]}${separator}…`, room);
  const dim = colorsOf(canvas.color).dim;
  return shown.map((line, index) => `${index === 0 ? dim(padEnd(label, LABEL)) : ' '.repeat(LABEL)}${line}`);
}

function headline({ sweepId, round, rounds, confirming }: Progress, { color }: Canvas, status?: string): string[] {
  const { bold, green, red } = colorsOf(color);
  const word = status === 'succeeded' ? green(status) : status === 'failed' ? red(status) : status;
  const parts = [
    bold(plain(sweepId ?? 'sweep')),
    ...(word === undefined ? [] : [word]),
    ...(rounds > 1 ? [`round ${Math.min(round + 1, rounds)} of ${rounds}${confirming ? ', confirming' : ''}`] : []),
  ];
  return [parts.join('  ')];
}

function barLines(progress: Progress, spec: Spec, { columns, color, unicode }: Canvas): string[] {
  const { cyan, dim } = colorsOf(color);
  const { total } = progress;
  const done = trialsDone(progress);
  const text = `${done} of ${total} ${spec.search.strategy === 'halving' ? 'trainings' : 'trials'}`;
  const room = Math.max(5, Math.min(BAR_COLUMNS, columns - width(text) - 2));
  const full = total === 0 ? room : Math.floor((Math.min(done, total) / total) * room);
  const [mark, rest] = unicode ? ['█', '░'] : ['#', '.'];
  return [`${cyan(mark.repeat(full))}${dim(rest.repeat(room - full))}  ${text}`];
}

function timeLines(progress: Progress, canvas: Canvas): string[] {
  const { firstStart, now } = progress;
  if (firstStart === null) return [];
  const spent = duration((now - firstStart) / 1000);
  const left = secondsLeft(progress);
  return fold('time', [spent, ...(left === null ? [] : [`about ${duration(left)} left`])], canvas);
}

const MAX_COST_LINES = 5;

/** Words that a narrow terminal has no room for are left out whole. */
function costLines(progress: Progress, spec: Spec, canvas: Canvas): string[] {
  const room = canvas.columns - LABEL;
  const [first, ...others] = spentPieces(progress, spec);
  if (first === undefined) return [];
  const pieces = [first, ...others.filter((piece) => width(piece) <= room)];
  return fold('cost', pieces, canvas, ', ', MAX_COST_LINES);
}

function slotLines({ slots, jobs, running, reused, interrupted, ended }: Progress, canvas: Canvas): string[] {
  const busy = Object.keys(running).length;
  const pieces: string[] = [];
  if (jobs !== null && !ended) {
    pieces.push(`${jobs.running} running`);
    if (jobs.starting > 0) pieces.push(`${jobs.starting} starting`);
    if (jobs.waiting > 0) pieces.push(`${jobs.waiting} queued`);
  } else if (slots !== null && !ended) pieces.push(`${busy} of ${slots} busy`);
  if (reused > 0) pieces.push(`${reused} reused`);
  if (interrupted > 0) pieces.push(`${interrupted} ${interrupted === 1 ? 'interruption' : 'interruptions'}`);
  return fold(ended ? '' : jobs === null ? 'slots' : 'Batch', pieces, canvas);
}

/** What the trials that ended ran on: Spot, or the on-demand instances that took its place. */
function instanceLines({ instances }: Progress, canvas: Canvas): string[] {
  const pieces = mostFirst(instances).map(({ instance, trials }) => `${trials} ${plain(instanceText(instance))}`);
  return pieces.length === 0 ? [] : fold('ran on', pieces, canvas);
}

const SPARK_COLUMNS = 24;

function bestLines(progress: Progress, spec: Spec, canvas: Canvas): string[] {
  const best = bestSoFar(progress, spec);
  if (best === null) return [];
  const { bold, green } = colorsOf(canvas.color);
  const isConfirmed = best.confirmed !== undefined;
  // The curve is of single trainings, whose luck a mean of several has no part in.
  const room = Math.min(SPARK_COLUMNS, canvas.columns - LABEL);
  const curve = isConfirmed ? '' : sparkline(progress.contest, room, canvas.unicode);
  const value = bestText(best);
  const name = cut(plain(spec.objective.metric), canvas.columns - LABEL - width(value) - 1);
  const pieces = [
    `${name} ${bold(green(value))}`,
    `trial ${best.trial}`,
    ...(isConfirmed ? ['confirmed'] : best.epoch === null ? [] : [`epoch ${best.epoch}`]),
    ...(curve === '' ? [] : [green(curve)]),
  ];
  const parameters = parameterTexts(best.parameters);
  return [
    ...fold('best', pieces, canvas, '  '),
    ...(parameters.length === 0 ? [] : fold('', parameters, canvas, '  ')),
  ];
}

function failureLines({ failures }: Progress, canvas: Canvas): string[] {
  const { red } = colorsOf(canvas.color);
  const { failed, notRun } = failedAndNotRun(failures);
  const pieces = failed.map(({ class: name, count }) => red(`${count} ${plain(name)}`));
  return [
    ...(pieces.length === 0 ? [] : fold('failed', pieces, canvas)),
    ...(notRun === 0 ? [] : fold('not run', [String(notRun)], canvas)),
  ];
}
