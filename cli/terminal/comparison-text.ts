import { number } from '../../core/base/text.ts';
import type { Comparison, ComparisonColumn } from '../../core/sweep/compare.ts';
import { trialsText } from '../../core/sweep/counts-text.ts';
import { noTargetText } from '../../core/sweep/target-text.ts';
import { confirmedText, table } from './table.ts';
import { cut, duration, parametersText } from './text.ts';

/** Of a value that the specs write differently; where there is room, most of it. */
const VALUE_COLUMNS = { most: 48, least: 12 };

/** So many columns that each sweep has its own, as long as they are not very many. */
function valueColumns({ sweeps, changed }: Comparison, room: number): number {
  const names = Math.max(...changed.map(({ field }) => field.length));
  const share = Math.floor((room - names) / sweeps.length) - 2;
  return Math.max(VALUE_COLUMNS.least, Math.min(VALUE_COLUMNS.most, share));
}

/** Sweeps side by side, within `room` columns; what does not fit is named below. */
export function comparisonText(comparison: Comparison, room: number): string {
  const { sweeps, target, changed } = comparison;
  const most = valueColumns(comparison, room);
  const row = (name: string, cell: (sweep: ComparisonColumn) => string) => [name, ...sweeps.map(cell)];
  const rows = [
    row('objective', ({ metric, goal }) => `${metric} (${goal})`),
    row('best', ({ best }) =>
      best === null ? 'none' : best.confirmed === undefined ? number(best.value) : confirmedText(best.confirmed),
    ),
    row('quartiles', ({ quartiles }) => quartiles?.map(number).join(', ') ?? ''),
    row('trials', ({ trials }) => trialsText(trials)),
    ...(target === null
      ? []
      : [
          row(`trials to ${number(target)}`, ({ trialsToTarget }) => String(trialsToTarget ?? 'not reached')),
          row(`time to ${number(target)}`, ({ secondsToTarget }) =>
            secondsToTarget === null ? 'unknown' : duration(secondsToTarget),
          ),
        ]),
    row('trial time', ({ seconds }) => (seconds === null ? '' : duration(seconds))),
  ];
  const parts = [table(['', ...sweeps.map(({ sweepId }) => sweepId)], rows, room)];
  if (target === null) parts.push(noTargetText(sweeps));
  parts.push(
    sweeps
      .map(({ sweepId, best }) => `best of ${sweepId}: ${best === null ? 'none' : parametersText(best.parameters)}`)
      .join('\n'),
  );
  parts.push(
    changed.length === 0
      ? 'Their specs are the same.'
      : table(
          ['spec', ...sweeps.map(({ sweepId }) => sweepId)],
          changed.map(({ field, values }) => [
            field,
            ...values.map((value) => (value === undefined ? '-' : cut(JSON.stringify(value), most))),
          ]),
          room,
        ),
  );
  return parts.join('\n\n');
}
