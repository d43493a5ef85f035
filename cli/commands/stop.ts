import { badInput } from '../../core/errors.ts';
import { lockKey } from '../../core/keys.ts';
import { lockSchema } from '../../core/lock.ts';
import { ownerOf } from '../../local/owner.ts';
import { readJson } from '../../storage/sweeps.ts';
import type { Output } from '../output.ts';
import { type FoundSweep, findSweep, type Where } from '../sweeps.ts';

/** Ends a sweep where it runs; what it has done stays, and the same spec goes on with it. */
export async function stop(id: string, where: Where, output: Output): Promise<void> {
  const sweep = await findSweep(id, where);
  const stopped = sweep.stack === null ? await stopHere(sweep) : await stopOnAws(sweep);
  output.document({ sweepId: sweep.sweepId, ...stopped });
  output.text(
    stopped.execution || stopped.jobs > 0
      ? `${sweep.sweepId}: stopped${stopped.jobs > 0 ? `, ${stopped.jobs} jobs with all their children` : ''}; the same spec started again goes on from here.`
      : `${sweep.sweepId} is not running.`,
  );
}

async function stopHere(sweep: FoundSweep): Promise<{ execution: boolean; jobs: number }> {
  const lock = await readJson(sweep.store, lockKey(sweep.sweepId), lockSchema);
  if (lock === null || !(await sweep.isRunning(lock.execution))) return { execution: false, jobs: 0 };
  const owner = ownerOf(lock.execution);
  if (owner === null)
    throw badInput('', `the sweep ${sweep.sweepId} is run by ${lock.owner}, which is not this machine`);
  // As Ctrl-C in its own terminal: its trials save what they have.
  process.kill(owner.pid, 'SIGINT');
  return { execution: true, jobs: 0 };
}

async function stopOnAws({ stack, sweepId }: FoundSweep): Promise<{ execution: boolean; jobs: number }> {
  const { executionOfSweep, stopExecution } = await import('../aws/executions.ts');
  const { jobsOf, terminateJobs } = await import('../aws/jobs.ts');
  const execution = await executionOfSweep(stack!, sweepId);
  // The execution first, or it would submit the next round; its own stop of the jobs is a best effort only.
  const stopped = execution !== null && (await stopExecution(stack!, execution.arn));
  return { execution: stopped, jobs: await terminateJobs(stack!, await jobsOf(stack!, sweepId)) };
}
