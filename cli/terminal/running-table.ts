import type { Json } from '../../core/base/json.ts';
import { bytesText, number } from '../../core/base/text.ts';
import { isBetter } from '../../core/spec/goal.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { Progress, RunningTrial } from '../../core/sweep/progress.ts';
import type { Canvas } from './canvas.ts';
import { colorsOf } from './colors.ts';
import { type Column, lay } from './columns.ts';
import { parameterCells } from './table.ts';
import { cut, duration, padEnd, plain, width } from './text.ts';

const MAX_RUNNING = 16;
const NARROW = 60;
/** What is longer is cut, so that a prompt or a list leaves room for the other parameters. */
const MAX_CELL = 20;

/** The running trials in columns. Where there is a slot its number orders the lines, so that they stay where they are. */
export function runningTable(progress: Progress, spec: Spec, canvas: Canvas, rows: number): string[] {
  const all = Object.values(progress.running).sort((a, b) => (a.slot ?? a.trial) - (b.slot ?? b.trial));
  const most = Math.min(MAX_RUNNING, rows - 3);
  if (all.length === 0 || most < 1) return [];
  const best = bestRunning(all, spec);
  const shown = all.slice(0, most);
  // The best is always shown.
  if (best !== null && !shown.includes(best)) shown[most - 1] = best;
  const { dim, green } = colorsOf(canvas.color);
  const { lines, hidden } = lay(columnsOf(shown, progress.now, spec, canvas), canvas.columns - 2);
  const [head, ...body] = lines;
  const more = all.length - shown.length;
  const rest = [
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(hidden.length > 0 && most > 1 ? [`not shown: ${hidden.join(', ')}`] : []),
  ];
  return [
    '',
    dim(`  ${head}`),
    ...body.map((line, index) => (shown[index] === best ? green(`* ${line}`) : `  ${line}`)),
    ...(rest.length === 0 ? [] : [dim(`  ${rest.join('; ')}`)]),
  ];
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

function columnsOf(trials: readonly RunningTrial[], now: number, spec: Spec, { columns }: Canvas): Column[] {
  const isNarrow = columns < NARROW;
  const metric = cut(plain(spec.objective.metric), isNarrow ? 12 : 24);
  const since = (from: number | null) => (from === null ? '' : duration((now - from) / 1000));
  return [
    { name: 'trial', right: true, keep: 0, cells: trials.map(({ trial }) => String(trial)) },
    {
      name: 'epoch',
      right: true,
      keep: 2,
      cells: trials.map(({ lastEpoch, epochs }) => `${lastEpoch ?? 0}/${epochs}`),
    },
    { name: metric, right: true, keep: 1, cells: alignedValues(trials) },
    { name: 'time', right: true, keep: isNarrow ? 1e6 : 3, cells: trials.map((trial) => since(trial.since)) },
    ...(trials.some(({ gpus }) => gpus !== undefined)
      ? [{ name: 'GPU', right: true, keep: isNarrow ? 1e6 : 4, cells: trials.map(gpuText) }]
      : []),
    ...parameterColumns(trials, spec),
  ];
}

/** `87 % 3.1 GB`: the mean of its devices, and the memory of the fullest. */
function gpuText({ gpus = [] }: RunningTrial): string {
  const busy = gpus.flatMap((device) => (device.busy === undefined ? [] : [device.busy]));
  const used = gpus.flatMap(({ memory }) => (memory === undefined ? [] : [memory.used]));
  return [
    ...(busy.length === 0 ? [] : [`${Math.round(busy.reduce((sum, each) => sum + each, 0) / busy.length)} %`]),
    ...(used.length === 0 ? [] : [bytesText(Math.max(...used))]),
  ].join(' ');
}

/** In the order of the search space; those that differ among the trials are kept before those that do not. */
function parameterColumns(trials: readonly RunningTrial[], spec: Spec): Column[] {
  const present = new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)));
  const declared = Object.keys(spec.search.space).filter((name) => present.has(name));
  const names = [...new Set([...declared, ...present])];
  return names.map((name, index) => {
    const cells = parameterCells(
      trials.map(({ parameters }) => parameters[name] as Json | undefined),
      MAX_CELL,
    );
    const isAlike = trials.length > 1 && new Set(cells).size === 1;
    const right = trials.every(({ parameters }) => !(name in parameters) || typeof parameters[name] === 'number');
    return { name, cells, right, keep: 10 + index + (isAlike ? 10_000 : 0) };
  });
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
