import type { FoundSweep, Where } from '../lookup/find.ts';
import { openLiveLog } from '../lookup/live-log.ts';
import { attemptOf, findTrial, logOf, type NamedTrial, sweepAndTrial, tellingTrial } from '../lookup/trials.ts';
import type { Output } from '../terminal/output.ts';
import { plainLines } from '../terminal/text.ts';

export interface LogOptions extends Where {
  /** Goes on to the trial's end, where it runs on this machine. */
  readonly follow?: boolean | undefined;
}

/** What a trial printed, or prints. `id` may name the trial; without one, it is the one that tells most. */
export async function logs(
  id: string | undefined,
  trialName: string | undefined,
  { follow = false, ...where }: LogOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { sweep, trial: named } = await sweepAndTrial(id, trialName, where, output.note);
  const trial = await (named === null ? tellingTrial(sweep, output.note) : findTrial(sweep, named));
  if (await printLive(sweep, trial, follow, output, signal)) return;
  const attempt = await attemptOf(sweep, trial);
  const { text: kept = null, flaw: damage = null } = (await logOf(sweep, trial, attempt)) ?? {};
  const log = kept ?? (await containerLogOf(sweep, trial.id));
  output.document({ sweepId: sweep.sweepId, trialId: trial.id, attempt, log, ...(damage === null ? {} : { damage }) });
  if (damage !== null) output.note(`${damage}.`);
  if (log === null && damage === null)
    output.note(
      `Trial ${trial.trial} (${trial.id}) ${attempt === null ? 'has printed nothing yet' : 'has ended and printed nothing'}.`,
    );
  if (log !== null) output.verbatim(process.stdout.isTTY && !output.json ? plainLines(log) : log);
}

/** False: no run of this machine trains it just now. */
async function printLive(
  { workdir, sweepId }: FoundSweep,
  { id, trial }: NamedTrial,
  follow: boolean,
  output: Output,
  signal: AbortSignal,
): Promise<boolean> {
  const live = workdir === null ? null : openLiveLog(workdir, sweepId, id);
  if (live === null) return false;
  try {
    if (follow && !output.json) {
      output.note(`Trial ${trial} (${id}) is running; following it until it ends.`);
      await live.follow((text) => void process.stdout.write(text), signal);
      return true;
    }
    const log = live.more();
    output.document({ sweepId, trialId: id, attempt: null, log });
    if (log !== '') output.verbatim(process.stdout.isTTY && !output.json ? plainLines(log) : log);
    output.note(`Trial ${trial} (${id}) is still running; use --follow to see the rest.`);
    return true;
  } finally {
    live.close();
  }
}

/** A trial that still runs, or was lost with its machine, has a log with CloudWatch only. */
async function containerLogOf({ stack, sweepId }: FoundSweep, trialId: string): Promise<string | null> {
  if (stack === null) return null;
  const { containerLog } = await import('../remote/container-log.ts');
  return containerLog(stack, sweepId, trialId);
}
