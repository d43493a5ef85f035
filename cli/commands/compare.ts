import { badInput } from '../../core/base/errors.ts';
import { number, show } from '../../core/base/text.ts';
import { type Comparison, type ComparisonColumn, compareSweeps } from '../../core/sweep/compare.ts';
import { findSweep, type Where } from '../lookup/find.ts';
import { resultsOf, trialSeconds } from '../lookup/state.ts';
import type { Output } from '../terminal/output.ts';
import { confirmedText, table } from '../terminal/table.ts';
import { cut, duration, parametersText } from '../terminal/text.ts';
import { roomOf } from '../terminal/wrap.ts';

/** Two or more sweeps side by side: best, spread, trials and time, and what their specs say differently. */
export async function compare(ids: readonly string[], where: Where, output: Output): Promise<void> {
  if (new Set(ids).size < 2)
    throw badInput('', `received ${ids.map(show).join(', ')}; allowed: two or more different sweeps`);
  const sweeps = [];
  for (const id of ids) {
    const sweep = await findSweep(id, where);
    const { spec, leaderboard, metadata } = await resultsOf(sweep);
    const seconds = metadata === null ? null : trialSeconds(metadata);
    sweeps.push({ sweepId: sweep.sweepId, spec, leaderboard, seconds, times: metadata?.byTrial ?? [] });
  }
  const comparison = compareSweeps(sweeps);
  output.document(comparison);
  output.text(comparisonText(comparison, roomOf(process.stdout)));
}

function comparisonText({ sweeps, target, changed }: Comparison, room: number): string {
  const row = (name: string, cell: (sweep: ComparisonColumn) => string) => [name, ...sweeps.map(cell)];
  const rows = [
    row('objective', ({ metric, goal }) => `${metric} (${goal})`),
    row('best', ({ best }) =>
      best === null ? 'none' : best.confirmed === undefined ? number(best.value) : confirmedText(best.confirmed),
    ),
    row('quartiles', ({ quartiles }) => quartiles?.map(number).join(', ') ?? ''),
    row('trials', ({ trials }) => `${trials.planned}${trials.failed === 0 ? '' : `, ${trials.failed} failed`}`),
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
  if (target === null) parts.push('Their objectives differ, so their values cannot be compared.');
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
            ...values.map((value) => (value === undefined ? '-' : cut(JSON.stringify(value), 48))),
          ]),
          room,
        ),
  );
  return parts.join('\n\n');
}
