import { bytesText, number } from '../../core/base/text.ts';
import { isBetter } from '../../core/spec/goal.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { bestSoFar, type Progress, type RunningTrial, secondsLeft, trialsDone } from '../../core/sweep/progress.ts';
import { instanceText, mostFirst } from '../../core/trial/instance.ts';
import { colorsOf } from './colors.ts';
import { sparkline } from './sparkline.ts';
import { bestText } from './table.ts';
import { cut, duration, padEnd, padStart, parametersText, parameterTexts, plain, width } from './text.ts';

/** What a frame is drawn on. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  readonly unicode: boolean;
}

export interface FrameOptions {
  /** The sweep's state, in a word; left out while it is watched. */
  readonly status?: string;
  /** What is shown in place of the time, where it does not run. */
  readonly time?: string;
}

const BAR_COLUMNS = 40;
const LABEL = 8;
const MAX_RUNNING = 16;
const NARROW = 60;

/** The sweep's present state, as lines that fit the canvas. Pure: the same progress gives the same lines. */
export function frame(progress: Progress, spec: Spec, canvas: Canvas, { status, time }: FrameOptions = {}): string[] {
  // The last column stays free: some terminals wrap what ends in it.
  const columns = Math.max(LABEL + 4, canvas.columns - 1);
  const on = { ...canvas, columns };
  const lines = [
    ...headline(progress, on, status),
    ...barLines(progress, spec, on),
    ...(time === undefined ? timeLines(progress, on) : fold('time', [time], on)),
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

function failureLines({ failures, failed }: Progress, canvas: Canvas): string[] {
  const { red } = colorsOf(canvas.color);
  if (failed === 0) return [];
  const classes = Object.entries(failures).sort(([, a], [, b]) => b - a);
  return fold(
    'failed',
    classes.map(([name, count]) => red(`${count} ${plain(name)}`)),
    canvas,
  );
}

/** Where there is a slot its number orders the lines, so that they stay where they are. */
function runningTable(progress: Progress, spec: Spec, canvas: Canvas, rows: number): string[] {
  const all = Object.values(progress.running).sort((a, b) => (a.slot ?? a.trial) - (b.slot ?? b.trial));
  const most = Math.min(MAX_RUNNING, rows - 3);
  if (all.length === 0 || most < 1) return [];
  const best = bestRunning(all, spec);
  const shown = all.slice(0, most);
  // The best is always shown.
  if (best !== null && !shown.includes(best)) shown[most - 1] = best;
  const lines = tableLines(shown, best, progress.now, spec, canvas);
  const more = all.length - shown.length;
  return ['', ...lines, ...(more > 0 ? [colorsOf(canvas.color).dim(`  and ${more} more`)] : [])];
}

function bestRunning(trials: readonly RunningTrial[], spec: Spec): RunningTrial | null {
  const { goal } = spec.objective;
  return trials.reduce<RunningTrial | null>(
    (best, trial) =>
      trial.lastValue !== null && (best?.lastValue == null || isBetter(trial.lastValue, best.lastValue, goal))
        ? trial
        : best,
    null,
  );
}

function tableLines(
  trials: readonly RunningTrial[],
  best: RunningTrial | null,
  now: number,
  spec: Spec,
  canvas: Canvas,
): string[] {
  const { dim, green } = colorsOf(canvas.color);
  const columns = [
    column(
      'trial',
      trials.map(({ trial }) => String(trial)),
    ),
    column(
      'epoch',
      trials.map(({ lastEpoch, epochs }) => `${lastEpoch ?? 0}/${epochs}`),
    ),
    column(cut(plain(spec.objective.metric), canvas.columns < NARROW ? 12 : 24), alignedValues(trials)),
    ...(canvas.columns < NARROW
      ? []
      : [
          column(
            'time',
            trials.map(({ since }) => (since === null ? '' : duration((now - since) / 1000))),
          ),
          ...(trials.some(({ gpus }) => gpus !== undefined) ? [column('GPU', trials.map(gpuText))] : []),
        ]),
  ];
  // So narrow that nothing of them can be read, they are left out.
  const room = canvas.columns - columns.reduce((sum, [header]) => sum + width(header!) + 2, 2);
  const hasRoom = room >= 16;
  const text = (row: number) => columns.map((cells) => cells[row]!).join('  ');
  return [
    dim(`  ${text(0)}${hasRoom ? '  parameters' : ''}`),
    ...trials.map((trial, index) => {
      const isBest = trial === best;
      const cells = text(index + 1);
      return `${isBest ? green('*') : ' '} ${isBest ? green(cells) : cells}${hasRoom ? `  ${parametersText(trial.parameters)}` : ''}`;
    }),
  ];
}

/** `87 % 3.1 GB`: the mean of its devices, and the memory of the fullest. */
function gpuText({ gpus = [] }: RunningTrial): string {
  const busy = gpus.flatMap(({ busy }) => (busy === undefined ? [] : [busy]));
  const used = gpus.flatMap(({ memory }) => (memory === undefined ? [] : [memory.used]));
  return [
    ...(busy.length === 0 ? [] : [`${Math.round(busy.reduce((sum, each) => sum + each, 0) / busy.length)} %`]),
    ...(used.length === 0 ? [] : [bytesText(Math.max(...used))]),
  ].join(' ');
}

/** A header and its cells, right-aligned. */
function column(header: string, cells: readonly string[]): string[] {
  const most = [header, ...cells].reduce((widest, cell) => Math.max(widest, width(cell)), 0);
  return [header, ...cells].map((cell) => padStart(cell, most));
}

/** Decimal points below each other. */
function alignedValues(trials: readonly RunningTrial[]): string[] {
  const texts = trials.map(({ lastEpoch, lastValue }) =>
    lastEpoch === null ? '' : lastValue === null ? 'not finite' : number(lastValue),
  );
  const decimals = (text: string) => (/^-?\d+\.(\d+)$/.exec(text)?.[1]?.length ?? -1) + 1;
  const most = Math.max(...texts.map(decimals));
  return texts.map((text) =>
    text === '' || !/\d$/.test(text) ? text : padEnd(text, width(text) + most - decimals(text)),
  );
}
