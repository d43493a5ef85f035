import type { Json } from '../../core/base/json.ts';
import { number, toText } from '../../core/base/text.ts';
import type { Confirmation } from '../../core/search/confirm.ts';
import type { Best } from '../../core/sweep/best.ts';
import type { Leaderboard, RankedTrial } from '../../core/sweep/leaderboard.ts';
import { type Column, hiddenNote, lay } from './columns.ts';
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
  const columns: Column[] = [
    { name: 'rank', right: true, keep: 0, cells: cells(({ rank }) => (rank === null ? '-' : String(rank))) },
    { name: 'trial', right: true, keep: 2, cells: cells(({ trial }) => String(trial)) },
    { name: leaderboard.objective.metric, keep: 1, cells: cells((trial) => valueCell(trial, room < NARROW)) },
    ...(wasConfirmed
      ? [{ name: 'confirmed', keep: 3, cells: cells(({ confirmed }) => (confirmed ? confirmedText(confirmed) : '')) }]
      : []),
    ...(leaderboard.objective.others ?? []).map(
      ({ metric }): Column => ({ name: metric, keep: 3, cells: cells((trial) => otherCell(trial, metric)) }),
    ),
    { name: 'epoch', right: true, keep: 1e6, cells: cells(({ epoch }) => (epoch === null ? '' : String(epoch))) },
    ...parameterColumns(leaderboard, trials),
    { name: 'id', keep: 1e6 + 1, cells: cells(({ id }) => id) },
  ];
  const laid = lay(columns, room);
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
    const cells = trials.map(({ parameters }) => parameterCell(parameters[name]));
    const isAlike = new Set(cells).size === 1;
    const right = trials.every(({ parameters }) => !(name in parameters) || typeof parameters[name] === 'number');
    return { name, cells, right, keep: 10 + (weight.get(name) ?? 1000 + index) + (isAlike ? 10_000 : 0) };
  });
}

/** A value as a cell of a table. */
export const parameterCell = (value: Json | undefined): string =>
  value === undefined ? '' : cut(plain(toText(value).slice(0, 200)), 24);

function valueCell(trial: RankedTrial, isNarrow: boolean): string {
  if (trial.failureClass === 'skipped') return 'skipped';
  if (trial.value === null) return isNarrow ? 'failed' : `failed: ${trial.failureClass ?? 'unknown'}`;
  return `${number(trial.value)}${trial.diverged ? ' (diverged)' : ''}${trial.stopped === undefined ? '' : ' (stopped)'}`;
}

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
