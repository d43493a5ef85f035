import { join, resolve } from 'node:path';
import { badInput } from '../../core/base/errors.ts';
import { rememberFiles } from '../../inputs/written.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { filePlace } from '../lookup/file-place.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { defaultReport, liveReportOf, writeReport } from '../lookup/report-file.ts';
import { resultsOf } from '../lookup/state.ts';
import type { Output } from '../terminal/output.ts';
import { leaderboardTable } from '../terminal/table.ts';
import { roomOf } from '../terminal/wrap.ts';

export async function report(id: string | undefined, limit: number, where: Where, output: Output): Promise<void> {
  const sweep = await findSweep(id, where, output.note);
  const { leaderboard } = await resultsOf(sweep);
  output.document(leaderboard);
  output.text(leaderboardTable(leaderboard, limit, roomOf(process.stdout)));
  const { planned } = leaderboard.counts;
  if (planned > limit)
    output.note(`The best ${limit} of ${planned}; use --limit for more; ${csvOf(sweep)} has all of them.`);
}

/** Writes the report as it is now, of a sweep that runs too. `to` true: the usual place. */
export async function reportPage(
  id: string | undefined,
  to: string | true,
  where: Where,
  output: Output,
): Promise<void> {
  const named = to === true ? null : filePlace('--html', to, 'report.html', true);
  const { store, sweepId, workdir } = await findSweep(id, where, output.note);
  const file = named ?? resolve(defaultReport(sweepId, workdir ?? undefined));
  if (!(await writeReport(liveReportOf(store, sweepId), file)))
    throw badInput('', `the sweep ${sweepId} has no trials yet; wait for the first round`);
  await rememberFiles(workdir, [file]);
  output.document({ sweepId, report: file });
  output.verbatim(file);
}

const csvOf = ({ workdir, store, sweepId }: FoundSweep): string =>
  workdir === null ? sweepObjects(store, sweepId).outcome.addresses.csv : join(workdir, sweepId, 'leaderboard.csv');
