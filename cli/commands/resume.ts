import { checkDeployable } from '../../core/aws/deployable.ts';
import { executionName } from '../../core/aws/executions.ts';
import { BadInput, badInput, CorruptObject } from '../../core/base/errors.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { checkFormat } from '../../core/sweep/resume.ts';
import { reasonNotToResume } from '../../core/sweep/steering.ts';
import { checkSecrets, identifyData, type Prepared } from '../../inputs/prepare.ts';
import { readWritten } from '../../inputs/written.ts';
import { LOCAL_QUEUE } from '../../local/services.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { removeLeftTemporaries } from '../../storage/temporary.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { stateOf } from '../lookup/state.ts';
import { recordedSpecOf } from '../lookup/steered.ts';
import { rememberWorkdir } from '../lookup/workdirs.ts';
import { tellOrders } from '../run/orders.ts';
import { EXIT, type Output } from '../terminal/output.ts';
import { runHere, slotsFor } from './run.ts';

export interface ResumeOptions extends Where {
  /** Trials to run at once, on this machine. */
  readonly maxParallel?: number | undefined;
}

/**
 * Goes on with a sweep that was paused or stopped, or that failed, under its id and by the spec that it recorded: in this
 * terminal, or as an execution on AWS. The exit status; on AWS that of the start.
 */
export async function resume(id: string, options: ResumeOptions, output: Output, signal: AbortSignal): Promise<number> {
  const sweep = await findSweep(id, options);
  await refuse(sweep);
  const spec = { ...(await recordedSpecOf(sweep)), sweepId: sweep.sweepId };
  checkFormat(spec, sweep.sweepId);
  return sweep.stack === null ? here(sweep, spec, options, output, signal) : onAws(sweep, spec, options, output);
}

/** @throws BadInput where there is nothing to go on with */
async function refuse(sweep: FoundSweep): Promise<void> {
  const { control } = sweepObjects(sweep.store, sweep.sweepId);
  const [{ status, trials, isBudgetEnded, stopped }, orders] = await Promise.all([stateOf(sweep), control.read()]);
  const isComplete = trials.finished >= trials.planned;
  const reason = reasonNotToResume(sweep.sweepId, {
    status,
    isPaused: orders.paused,
    isComplete,
    budget: isBudgetEnded ? stopped : null,
  });
  if (reason !== null) throw badInput('', reason);
}

type IdentifiedSpec = Prepared['spec'];

async function here(
  { store, workdir, sweepId }: FoundSweep,
  spec: IdentifiedSpec,
  { maxParallel }: ResumeOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  if (workdir === null) throw new CorruptObject(`the sweep ${sweepId} has no folder on this machine`);
  const problems = checkSecrets(spec, process.env);
  if (problems.length > 0) throw new BadInput(problems);
  const slots = await slotsFor(spec, await tellOrders(store, spec, output), maxParallel);
  await removeLeftTemporaries();
  await rememberWorkdir(workdir);
  const prepared = { spec, data: await dataOf(spec, workdir), workdir };
  return runHere({ prepared, store, slots, options: {} }, output, signal);
}

/** A folder of this machine, to be looked after while trials run. */
async function dataOf({ training: { data } }: Spec, workdir: string): Promise<Prepared['data']> {
  return data === undefined || data.startsWith('s3://') ? null : identifyData(data, readWritten(workdir));
}

async function onAws(
  { stack, store, sweepId }: FoundSweep,
  spec: IdentifiedSpec,
  { maxParallel }: ResumeOptions,
  output: Output,
): Promise<number> {
  if (maxParallel !== undefined)
    throw badInput('--max-parallel', `received ${maxParallel}, but ${sweepId} runs on AWS; leave it out`);
  // A run of somebody's machine that keeps its objects in this bucket: its data and its slots are there.
  const deployment = (await sweepObjects(store, sweepId).definition.recordedSpec())?.deployment;
  if (deployment?.queue === LOCAL_QUEUE)
    throw badInput('', `the sweep ${sweepId} was run with --store; run its spec again on that machine to continue it`);
  const { consoleLink, refuseRunningOnAws, startExecution } = await import('../remote/executions.ts');
  checkDeployable(spec, { ...stack!, stack: stack!.name, data: stack! });
  await refuseRunningOnAws(stack!, sweepId);
  await tellOrders(store, spec, output);
  const execution = await startExecution(stack!, executionName(sweepId, new Date()), spec);
  const console = consoleLink(stack!.region, execution);
  output.document({ sweepId, execution, console });
  output.text(`${sweepId} resumed\n  console   ${console}\n  next      sweep watch ${sweepId}`);
  return EXIT.done;
}
