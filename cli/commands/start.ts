import { checkDeployable } from '../../core/aws/deployable.ts';
import { executionName } from '../../core/aws/executions.ts';
import { trialsAtOnce, wholeInstance } from '../../core/aws/fleet.ts';
import { type Quota, quotasOf } from '../../core/aws/quotas.ts';
import { SweepLocked } from '../../core/base/errors.ts';
import { bytesText } from '../../core/base/text.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { checkFormat } from '../../core/sweep/resume.ts';
import { prepare } from '../../inputs/prepare.ts';
import { storeInputs } from '../../inputs/store.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { consoleLink, describeExecution, runs, startExecution } from '../remote/executions.ts';
import { openStack, type Stack } from '../remote/stack.ts';
import { agreedToAnother } from '../run/another-sweep.ts';
import type { Output } from '../terminal/output.ts';

export interface Started {
  readonly sweepId: string;
  readonly execution: string;
  readonly console: string;
  readonly uploaded: { readonly objects: number; readonly bytes: number };
  readonly quotas: readonly Quota[];
}

export interface StartOptions {
  readonly stack?: string | undefined;
  /** Trains again what another source or other data makes another sweep, without a question. */
  readonly yes?: boolean | undefined;
}

/** Starts the sweep on AWS; null where a person decided against it. Nothing is uploaded before the spec has passed every check that can be made from here. */
export async function start(specPath: string, options: StartOptions, output: Output) {
  const prepared = await prepare(specPath, { environment: null, inBucket: true });
  for (const note of prepared.notes) output.note(note);
  const stack = await openStack(options.stack);
  checkDeployable(prepared.spec, { ...stack, stack: stack.name, data: stack });
  const { sweepId } = prepared.spec;
  await refuseRunning(stack, sweepId);
  checkFormat(await sweepObjects(stack.objects, sweepId).definition.spec(), sweepId);
  if (!(await agreedToAnother(stack.objects, prepared, options.yes, output))) return null;
  const { spec, uploaded } = await storeInputs(stack.objects, prepared, output.note);
  const execution = await startExecution(stack, executionName(sweepId, new Date()), spec);
  const started: Started = {
    sweepId,
    execution,
    console: consoleLink(stack.region, execution),
    uploaded,
    quotas: quotasOf(stack.profiles[spec.compute.profile]!, spec.search.trials),
  };
  output.document(started);
  output.text(startedText(started, spec, stack));
  return { stack, sweepId, execution, spec };
}

/** The first Lambda would refuse it as well; known from here, nothing is uploaded and no execution fails. */
async function refuseRunning(stack: Stack, sweepId: string): Promise<void> {
  const lock = await sweepObjects(stack.objects, sweepId).lock.read();
  const execution = lock === null ? null : await describeExecution(stack, lock.execution);
  if (execution === null || !runs(execution)) return;
  throw new SweepLocked(
    `the sweep ${sweepId} is running (execution ${execution.name}); sweep watch ${sweepId} follows it, sweep stop ${sweepId} ends it`,
  );
}

function startedText({ sweepId, console, uploaded, quotas }: Started, spec: Spec, stack: Stack): string {
  const profile = stack.profiles[spec.compute.profile]!;
  const atOnce = trialsAtOnce(wholeInstance(profile.instanceTypes, profile), profile, profile.maxVcpus);
  return [
    `${sweepId} started: ${spec.search.trials} trials on profile ${spec.compute.profile}, at most ${atOnce} at once${{ true: ', Spot first', false: '', only: ', Spot only' }[`${profile.spot}`]}`,
    `  uploaded  ${uploaded.objects === 0 ? 'nothing; everything was already there' : `${uploaded.objects} objects${uploaded.bytes > 0 ? `, ${bytesText(uploaded.bytes)} of data` : ''}`}`,
    ...quotas.map(
      ({ name, code, vcpus }) =>
        `  quota     ${name}${code === null ? '' : ` (${code})`}: up to ${vcpus} vCPUs; with fewer it takes longer, with 0 it waits forever`,
    ),
    `  console   ${console}`,
    `  next      sweep watch ${sweepId}`,
  ].join('\n');
}
