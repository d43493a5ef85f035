import { badInput } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';
import { compareSweeps } from '../../core/sweep/compare.ts';
import { findSweep, type Where } from '../lookup/find.ts';
import { resultsOf, trialSeconds } from '../lookup/state.ts';
import { comparisonText } from '../terminal/comparison-text.ts';
import type { Output } from '../terminal/output.ts';
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
