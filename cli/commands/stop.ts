import { setTimeout as sleep } from 'node:timers/promises';
import { badInput, SweepstackError } from '../../core/base/errors.ts';
import { type Lock, lastHeard } from '../../core/layout/lock.ts';
import { isAlive, isHere, type Owner, ownerOf } from '../../local/owner.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import type { Output } from '../terminal/output.ts';

/** Its trials get 30 seconds to save what they have (local/run-sweep.ts), and what they leave is put away. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 200;

interface Stopped {
  /** Whether an execution was running and was told to end. */
  readonly execution: boolean;
  readonly jobs: number;
  /** The process that was told to and has not ended yet. */
  readonly slow?: number;
}

/** Ends a sweep where it runs; what it has done stays, and the same spec goes on with it. */
export async function stop(id: string, where: Where, output: Output): Promise<void> {
  const sweep = await findSweep(id, where);
  const { slow, ...stopped } = sweep.stack === null ? await stopHere(sweep) : await stopOnAws(sweep);
  output.document({ sweepId: sweep.sweepId, ...stopped });
  if (slow !== undefined)
    return output.text(`${sweep.sweepId}: process ${slow} was told to stop; its trials are still saving their work.`);
  output.text(
    stopped.execution || stopped.jobs > 0
      ? `${sweep.sweepId}: stopped${stopped.jobs > 0 ? `, ${stopped.jobs} jobs with all their children` : ''}; start the same spec again to continue from here.`
      : `${sweep.sweepId} is not running.`,
  );
}

async function stopHere(sweep: FoundSweep): Promise<Stopped> {
  const lock = await sweepObjects(sweep.store, sweep.sweepId).lock.read();
  if (lock === null || !(await sweep.isRunning(lock))) return { execution: false, jobs: 0 };
  const owner = ownerOf(lock.execution);
  if (owner === null || !isHere(owner)) throw notHere(sweep.sweepId, lock);
  signal(owner);
  const deadline = performance.now() + PATIENCE_MS;
  while (await isAlive(owner)) {
    if (performance.now() > deadline) return { execution: true, jobs: 0, slow: owner.pid };
    await sleep(LOOK_MS);
  }
  return { execution: true, jobs: 0 };
}

/** The number of its process means another process here, or none. */
function notHere(sweepId: string, lock: Lock): Error {
  return badInput(
    '',
    `the sweep ${sweepId} is run by ${lock.owner}, which is not a process on this machine, so nothing was stopped ` +
      `(${lastHeard(lock, new Date().toISOString())}); stop it where it runs; if it has ended, ` +
      'sweep run --take-over takes the sweep over',
  );
}

/** As Ctrl-C in its own terminal: its trials save what they have. */
function signal({ pid }: Owner): void {
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It has ended by itself meanwhile.
    if (code === 'ESRCH') return;
    throw new SweepstackError(`process ${pid} belongs to another user, and only they can stop it; nothing was stopped`);
  }
}

async function stopOnAws({ stack, sweepId }: FoundSweep): Promise<Stopped> {
  const { executionOfSweep, stopExecution } = await import('../remote/executions.ts');
  const { jobsOf, terminateJobs } = await import('../remote/jobs.ts');
  const execution = await executionOfSweep(stack!, sweepId);
  // The execution first, or it would submit the next round; its own stop of the jobs is a best effort only.
  const stopped = execution !== null && (await stopExecution(stack!, execution.arn));
  return { execution: stopped, jobs: await terminateJobs(stack!, await jobsOf(stack!, sweepId)) };
}
