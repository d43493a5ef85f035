import type { Json } from '../../core/base/json.ts';
import { inNotation, type Notation, notationOf } from '../../core/base/notation.ts';
import { number, toText } from '../../core/base/text.ts';
import type { Confirmation } from '../../core/search/confirm.ts';
import type { Best } from '../../core/sweep/best.ts';
import type { Leaderboard, RankedTrial } from '../../core/sweep/leaderboard.ts';
import { type Column, hiddenNote, lay, told } from './columns.ts';
import { cut, plain } from './text.ts';

/** Rows of text in columns as wide as their widest cell, within `room`; the columns that do not fit are named below. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  room = Number.POSITIVE_INFINITY,
): string {
  const columns = header.map((name, index) => ({ name, cells: rows.map((row) => row[index] ?? '') }));
  const laid = lay(columns, room);
  return [...laid.lines, ...hiddenNote(laid)].join('\n');
}

/** Where a class of failure would take the place of a parameter. */
const NARROW = 80;

/**
 * The first `limit` trials of a leaderboard, as text within `room` columns: where not all parameters fit, those that matter
 * most are shown, as far as that is known, and the others named below.
 */
export function leaderboardTable(leaderboard: Leaderboard, limit: number, room = Number.POSITIVE_INFINITY): string {
  const trials = leaderboard.trials.slice(0, limit);
  const wasConfirmed = leaderboard.trials.some(({ confirmed }) => confirmed !== undefined);
  const cells = (cell: (trial: RankedTrial) => string) => trials.map(cell);
  const { metric, goal } = leaderboard.objective;
  // What is best decides: among accuracies a bad one close to zero does not turn all of them into powers of ten.
  const notation = notationOf(
    trials.map(({ value }) => value),
    goal === 'minimize' ? 'log' : 'linear',
  );
  const columns: Column[] = [
    { name: 'rank', right: true, keep: 0, cells: cells(({ rank }) => (rank === null ? '-' : String(rank))) },
    { name: 'trial', right: true, keep: 2, cells: cells(({ trial }) => String(trial)) },
    { name: metric, keep: 1, cells: cells((trial) => valueCell(trial, notation, room < NARROW)) },
    ...(wasConfirmed
      ? [
          {
            name: 'confirmed',
            keep: 3,
            cells: cells(({ confirmed }) => (confirmed ? confirmedCell(confirmed, room < NARROW) : '')),
          },
        ]
      : []),
    ...(leaderboard.objective.others ?? []).map(
      (other): Column => ({ name: other.metric, keep: 3, cells: cells((trial) => otherCell(trial, other.metric)) }),
    ),
    { name: 'epoch', right: true, keep: 1e6, cells: cells(({ epoch }) => (epoch === null ? '' : String(epoch))) },
    ...parameterColumns(leaderboard, trials),
    { name: 'id', keep: 1e6 + 1, cells: cells(({ id }) => id) },
  ];
  const laid = lay(told(columns), room);
  return [...laid.lines, ...hiddenNote(laid)].join('\n');
}

/** `23.1 (beyond)` */
function otherCell({ others, beyond }: RankedTrial, metric: string): string {
  const value = others?.[metric];
  if (value === undefined) return '';
  return `${number(value)}${beyond?.includes(metric) ? ' (beyond)' : ''}`;
}

/** By name; kept first: the most important, then those that differ among the trials shown. */
function parameterColumns({ trials: all, importance = {} }: Leaderboard, trials: readonly RankedTrial[]): Column[] {
  const names = [...new Set(all.flatMap(({ parameters }) => Object.keys(parameters)))].sort();
  const weight = new Map(Object.keys(importance).map((name, index) => [name, index]));
  return names.map((name, index): Column => {
    const cells = parameterCells(trials.map(({ parameters }) => parameters[name]));
    const isAlike = new Set(cells).size === 1;
    const right = trials.every(({ parameters }) => !(name in parameters) || typeof parameters[name] === 'number');
    return { name, cells, right, keep: 10 + (weight.get(name) ?? 1000 + index) + (isAlike ? 10_000 : 0) };
  });
}

/** A parameter's values as cells of a column, its numbers in one notation. */
export function parameterCells(values: readonly (Json | undefined)[], most = 24): string[] {
  const notation = notationOf(values.filter((value) => typeof value === 'number'));
  const textOf = (value: Json) => (typeof value === 'number' ? inNotation(value, notation) : toText(value));
  return values.map((value) => (value === undefined ? '' : cut(plain(textOf(value).slice(0, 200)), most)));
}

function valueCell(trial: RankedTrial, notation: Notation, isNarrow: boolean): string {
  if (trial.failureClass === 'skipped') return 'skipped';
  if (trial.value === null) return isNarrow ? 'failed' : `failed: ${trial.failureClass ?? 'unknown'}`;
  return `${inNotation(trial.value, notation, 6)}${trial.diverged ? ' (diverged)' : ''}${trial.stopped === undefined ? '' : ' (stopped)'}`;
}

/** Where there is little room, without the number of seeds. */
const confirmedCell = (confirmed: Confirmation, isNarrow: boolean): string =>
  isNarrow ? confirmedText(confirmed).replace(/ over .*/, '') : confirmedText(confirmed);

export function confirmedText({ mean, spread, seeds }: Confirmation): string {
  return spreadText(mean, spread, seeds.length);
}

/** `0.971 ± 0.002 over 3 seeds` */
function spreadText(mean: number, spread: number, seeds: number): string {
  return `${number(mean)} ± ${Number(spread.toPrecision(2))} over ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;
}

/** A best trial's value, with its spread where it was confirmed. */
export function bestText({ value, confirmed }: Pick<Best, 'value' | 'confirmed'>): string {
  return confirmed === undefined ? number(value) : spreadText(value, confirmed.spread, confirmed.seeds);
}

/** Values of a trial's other objectives, by metric: `size 12.5, latency 3`; empty where there are none. */
export const othersText = (others: Readonly<Record<string, number>> = {}): string =>
  Object.entries(others)
    .map(([metric, value]) => `${plain(metric)} ${number(value)}`)
    .join(', ');
