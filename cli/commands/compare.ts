import { badInput } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';
import { comparisonData } from '../../core/report/comparison.ts';
import { renderComparison } from '../../core/report/render.ts';
import { type ComparedSweep, compareSweeps } from '../../core/sweep/compare.ts';
import { notRunIn } from '../../core/trial/failure.ts';
import { rememberFiles } from '../../inputs/written.ts';
import { reportPage } from '../../objects/report-page.ts';
import { writeWhole } from '../../storage/files.ts';
import { filePlace } from '../lookup/file-place.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { liveReportOf } from '../lookup/report-file.ts';
import { resultsOf, trialSeconds } from '../lookup/state.ts';
import { comparisonText } from '../terminal/comparison-text.ts';
import type { Output } from '../terminal/output.ts';
import { roomOf } from '../terminal/wrap.ts';

export interface CompareOptions extends Where {
  /** A page is written into this file instead of the terminal. */
  readonly html?: string | undefined;
}

/** Two or more sweeps side by side: best, spread, trials and time, and what their specs say differently. */
export async function compare(ids: readonly string[], options: CompareOptions, output: Output): Promise<void> {
  const { html, ...where } = options;
  const file = html === undefined ? null : filePlace('--html', html, 'comparison.html', true);
  const found: FoundSweep[] = [];
  for (const id of ids) found.push(await findSweep(id, where));
  if (found.length < 2 || new Set(found.map(({ sweepId }) => sweepId)).size < found.length)
    throw badInput('', `received ${ids.map(show).join(', ')}; allowed: two or more different sweeps`);
  const compared: ComparedSweep[] = [];
  for (const sweep of found) compared.push(await comparedOf(sweep));
  if (file !== null) return comparisonPage(found, compared, file, output);
  const comparison = compareSweeps(compared);
  output.document(comparison);
  output.text(comparisonText(comparison, roomOf(process.stdout)));
}

async function comparedOf(sweep: FoundSweep): Promise<ComparedSweep> {
  const { spec, leaderboard, metadata } = await resultsOf(sweep);
  const seconds = metadata === null ? null : trialSeconds(metadata);
  const notRun = notRunIn(metadata?.failures ?? []);
  return { sweepId: sweep.sweepId, spec, leaderboard, notRun, seconds, times: metadata?.byTrial ?? [] };
}

async function comparisonPage(
  found: readonly FoundSweep[],
  compared: readonly ComparedSweep[],
  file: string,
  output: Output,
): Promise<void> {
  const sweeps = [];
  for (const [index, { store, sweepId }] of found.entries()) {
    const report = await liveReportOf(store, sweepId).summary();
    // `comparedOf` has refused it by then.
    if (report === null) throw badInput('', `the sweep ${sweepId} has no trials yet; wait for the first round`);
    sweeps.push({ compared: compared[index]!, report });
  }
  const data = comparisonData(sweeps, new Date().toISOString());
  await writeWhole(file, renderComparison(await reportPage(), data));
  await rememberFiles(null, [file]);
  output.document({ ...data.comparison, report: file });
  output.verbatim(file);
}
