import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { attemptOf, findTrial, logOf } from '../lookup/trials.ts';
import type { Output } from '../terminal/output.ts';
import { plainLines } from '../terminal/text.ts';

export async function logs(id: string, trialName: string, where: Where, output: Output): Promise<void> {
  const sweep = await findSweep(id, where);
  const trial = await findTrial(sweep, trialName);
  const attempt = await attemptOf(sweep, trial);
  const { text: kept = null, flaw: damage = null } = (await logOf(sweep, trial, attempt)) ?? {};
  const log = kept ?? (await containerLogOf(sweep, trial.id));
  output.document({ sweepId: sweep.sweepId, trialId: trial.id, attempt, log, ...(damage === null ? {} : { damage }) });
  if (damage !== null) output.note(`${damage}.`);
  if (log === null && damage === null) output.note(`Trial ${trial.trial} (${trial.id}) printed nothing yet.`);
  if (log !== null) output.verbatim(process.stdout.isTTY && !output.json ? plainLines(log) : log);
}

/** A trial that still runs, or was lost with its machine, has a log with CloudWatch only. */
async function containerLogOf({ stack, sweepId }: FoundSweep, trialId: string): Promise<string | null> {
  if (stack === null) return null;
  const { containerLog } = await import('../remote/container-log.ts');
  return containerLog(stack, sweepId, trialId);
}
