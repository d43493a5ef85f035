import { number, toText } from '../../core/base/text.ts';
import type { Confirmation } from '../../core/search/confirm.ts';
import type { Best } from '../../core/sweep/best.ts';
import type { Leaderboard, RankedTrial } from '../../core/sweep/leaderboard.ts';
import { cut, padEnd, padStart, plain, width } from './text.ts';

/** Rows of text in columns as wide as their widest cell; numbers to the right. Control characters are made visible. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  rightAligned: ReadonlySet<number> = new Set(),
): string {
  const cells = [header, ...rows].map((row) => row.map(plain));
  const widths = header.map((_, column) => cells.reduce((most, row) => Math.max(most, width(row[column] ?? '')), 0));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          rightAligned.has(column) ? padStart(cell, widths[column]!) : padEnd(cell, widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
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
      ...names.map((name) =>
        trial.parameters[name] === undefined ? '' : cut(plain(toText(trial.parameters[name]).slice(0, 200)), 24),
      ),
      trial.id,
    ]);
  return table(header, rows, new Set([0, 1, 3 + confirmed.length]));
}

function valueCell(trial: RankedTrial): string {
  if (trial.failureClass === 'skipped') return 'skipped';
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
