import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { attemptOf, findTrial } from '../lookup/trials.ts';
import type { Output } from '../terminal/output.ts';
import { plainLines } from '../terminal/text.ts';

export async function logs(id: string, trialName: string, where: Where, output: Output): Promise<void> {
  const sweep = await findSweep(id, where);
  const trial = await findTrial(sweep, trialName);
  const attempt = await attemptOf(sweep, trial);
  const { attempts } = sweepObjects(sweep.store, sweep.sweepId);
  const kept = attempt === null ? null : await attempts.ofTrial(trial.id, attempt).log();
  const log = kept ?? (await containerLogOf(sweep, trial.id));
  output.document({ sweepId: sweep.sweepId, trialId: trial.id, attempt, log });
  if (log === null) output.note(`Trial ${trial.trial} (${trial.id}) printed nothing${kept === null ? ' yet' : ''}.`);
  else output.text(process.stdout.isTTY && !output.json ? plainLines(log) : log);
}

/** A trial that still runs, or was lost with its machine, has a log with CloudWatch only. */
async function containerLogOf({ stack, sweepId }: FoundSweep, trialId: string): Promise<string | null> {
  if (stack === null) return null;
  const { containerLog } = await import('../remote/container-log.ts');
  return containerLog(stack, sweepId, trialId);
}
