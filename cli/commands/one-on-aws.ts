import { executionName } from '../../core/aws/executions.ts';
import { takenBy } from '../../core/aws/profiles.ts';
import { type MeasuredEpoch, measuredEpoch } from '../../core/money/tried-machines.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { ExecutionEnd } from '../../core/sweep/events.ts';
import { ChampionObjects } from '../../objects/champion.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { stackBook } from '../lookup/kept-prices.ts';
import { startExecution, stopExecution } from '../remote/executions.ts';
import { followExecution } from '../remote/follow.ts';
import { jobsOf, terminateJobs } from '../remote/jobs.ts';
import type { Stack } from '../remote/stack.ts';
import type { Output } from '../terminal/output.ts';

/** A sweep of one trial on AWS. */
export interface OneOnAws {
  readonly stack: Stack;
  readonly spec: Spec & { readonly sweepId: string };
  readonly signal: AbortSignal;
  /** What its executions and its machines have to say. */
  readonly note: (line: string) => void;
  readonly onTrialStarted: () => void;
}

const LOOK_MS = 2_000;

/**
 * Trains it and waits for its end. Where `signal` ends it before, or AWS cannot be asked any more, its execution and its job
 * are ended too.
 */
export async function trainOneOnAws(one: OneOnAws): Promise<ExecutionEnd> {
  const { stack, spec, signal, note, onTrialStarted } = one;
  const { sweepId } = spec;
  // A result of an earlier try would be taken for this one's.
  await sweepObjects(stack.objects, sweepId).remove();
  // Ctrl-C came in the meantime: nothing is begun that would have to be ended.
  if (signal.aborted) return { status: 'interrupted' };
  const execution = await startExecution(stack, executionName(sweepId, new Date()), spec);
  try {
    const end = await followExecution({
      ...{ stack, sweepId, execution, spec, signal, every: LOOK_MS },
      onEvent: (event) => {
        if (event.type === 'notice') note(event.message);
        if (event.type === 'trial-started') onTrialStarted();
      },
    });
    if (end.status === 'interrupted') await endOnAws(stack, sweepId, execution);
    return end;
  } catch (error) {
    await endOnAws(stack, sweepId, execution).catch(() =>
      note(`sweep stop ${sweepId} stops anything that is still running.`),
    );
    throw error;
  }
}

async function endOnAws(stack: Stack, sweepId: string, execution: string): Promise<void> {
  await stopExecution(stack, execution);
  await terminateJobs(stack, await jobsOf(stack, sweepId));
}

/** What the epoch of a trial that succeeded took of its profile's machine. */
export async function epochOn(
  stack: Pick<Stack, 'profiles' | 'objects' | 'region'>,
  { compute }: Pick<Spec, 'compute'>,
  result: Parameters<typeof measuredEpoch>[0],
): Promise<MeasuredEpoch> {
  const taken = takenBy(compute, stack.profiles[compute.profile]!);
  const book = await stackBook(stack, taken.dollarsPerHour ?? null);
  return measuredEpoch(result, taken, (region) => ({ ...book, region }));
}

/** That the traces of a try could not be removed is no reason to stop. */
export async function removeTraces(
  { objects }: Pick<Stack, 'objects'>,
  { sweepId, name }: Pick<OneOnAws['spec'], 'sweepId' | 'name'>,
  { note }: Pick<Output, 'note'>,
): Promise<void> {
  try {
    await sweepObjects(objects, sweepId).remove();
    await new ChampionObjects(objects, name).remove();
  } catch (error) {
    note(`${sweepId} could not be removed: ${(error as Error).message}`);
  }
}
