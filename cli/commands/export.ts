import { writeFileSync } from 'node:fs';
import { badInput } from '../../core/base/errors.ts';
import { type ExportFormat, exportAs, formatOf } from '../../core/sweep/export.ts';
import { rememberFiles } from '../../inputs/written.ts';
import { collectedCurves } from '../../objects/collected.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { filePlace } from '../lookup/file-place.ts';
import { findSweep, type Where } from '../lookup/find.ts';
import { resultsOf } from '../lookup/state.ts';
import type { Output } from '../terminal/output.ts';

/** A sweep's trials in a file that pandas, or Optuna and its dashboard, open. */
export async function exportSweep(
  id: string | undefined,
  asked: ExportFormat | undefined,
  to: string,
  where: Where,
  output: Output,
): Promise<void> {
  const file = filePlace('--to', to, 'trials.csv');
  const sweep = await findSweep(id, where, output.note);
  const { store, sweepId } = sweep;
  const [{ spec, leaderboard, metadata }, rounds] = await Promise.all([
    resultsOf(sweep),
    sweepObjects(store, sweepId).rounds.all(),
  ]);
  // A round that is still trained has left no curves.
  const curves = await collectedCurves(sweepObjects(store, sweepId).rounds, rounds);
  const format = asked ?? formatOf(to);
  const text = exportAs(format, {
    sweepId,
    spec,
    leaderboard,
    metadata: new Map((metadata?.byTrial ?? []).map((trial) => [trial.id, trial])),
    curves: new Map(curves.map(({ id: trialId, curve }) => [trialId, curve])),
  });
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    throw badInput('--to', `received ${to}: ${(error as Error).message}; allowed: a new file in an existing folder`);
  }
  await rememberFiles(sweep.workdir, [file]);
  output.document({ file, format, trials: leaderboard.trials.length });
  output.text(`Wrote ${leaderboard.trials.length} trials to ${file}`);
}
