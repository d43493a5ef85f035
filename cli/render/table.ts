import type { Best } from '../../core/best.ts';
import type { Confirmation } from '../../core/confirm.ts';
import { toText } from '../../core/json.ts';
import type { Leaderboard, RankedTrial } from '../../core/leaderboard.ts';
import { number } from '../../core/report.ts';

/** Rows of text in columns as wide as their widest cell; numbers to the right. Control characters are made visible. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  rightAligned: ReadonlySet<number> = new Set(),
): string {
  const cells = [header, ...rows].map((row) => row.map(plain));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          rightAligned.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Text from a program or a person, safe to show in a terminal: no escape sequence or line break survives. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => JSON.stringify(character).slice(1, -1));
}

/** The first `limit` trials of a leaderboard, as text. */
export function leaderboardTable(leaderboard: Leaderboard, limit: number): string {
  const names = [...new Set(leaderboard.trials.flatMap(({ parameters }) => Object.keys(parameters)))].sort();
  const wasConfirmed = leaderboard.trials.some(({ confirmed }) => confirmed !== undefined);
  const confirmed = wasConfirmed ? ['confirmed'] : [];
  const header = ['rank', 'trial', leaderboard.objective.metric, ...confirmed, 'epoch', ...names, 'id'];
  const rows = leaderboard.trials
    .slice(0, limit)
    .map((trial) => [
      trial.rank === null ? '-' : String(trial.rank),
      String(trial.trial),
      valueCell(trial),
      ...(wasConfirmed ? [trial.confirmed === undefined ? '' : confirmedText(trial.confirmed)] : []),
      trial.epoch === null ? '' : String(trial.epoch),
      ...names.map((name) => (trial.parameters[name] === undefined ? '' : cut(toText(trial.parameters[name]), 24))),
      trial.id,
    ]);
  return table(header, rows, new Set([0, 1, 3 + confirmed.length]));
}

function valueCell(trial: RankedTrial): string {
  if (trial.value === null) return `failed: ${trial.failureClass ?? 'unknown'}`;
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

export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

/** `learning_rate=0.01 batch_size=32` */
export function parametersText(parameters: Readonly<Record<string, unknown>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${cut(plain(toText(value as never)), 40)}`)
    .join(' ');
}

/** 75 -> `1m 15s`. `seconds` is rounded. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
}

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
