import { isVerdict } from '../../core/base/errors.ts';
import { pickTrial } from '../../core/search/picked-trial.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { tryingSpec } from '../../core/spec/tried-first.ts';
import type { Prepared } from '../../inputs/prepare.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { refuseRunningOnAws } from '../remote/executions.ts';
import type { Stack } from '../remote/stack.ts';
import { showLog } from '../run/bench.ts';
import { besideCode } from '../run/beside-code.ts';
import { firstEpoch } from '../run/first-epoch.ts';
import { failureOf, type Output } from '../terminal/output.ts';
import { epochOn, removeTraces, trainOneOnAws } from './one-on-aws.ts';
import { type TryOutcome, tryText } from './try-outcome.ts';

export interface Trying {
  readonly stack: Stack;
  /** The sweep that the trial is one of; its inputs are in the store. */
  readonly prepared: Prepared;
  /** The same spec as an execution gets it. */
  readonly spec: Spec;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/**
 * Trains one trial of a sweep for one epoch, by the same state machine, image and queue, as a sweep of its own; its
 * objects are removed when it succeeds. What it showed is told in the words of `sweep try`.
 * @throws BadInput when the deployment refuses the spec
 */
export async function tryOnAws({ stack, prepared, spec, output, signal }: Trying): Promise<TryOutcome> {
  const picked = pickTrial(prepared.spec, {});
  const trying = tryingSpec(spec, prepared.spec.sweepId, picked?.parameters);
  const { sweepId } = trying;
  await refuseRunningOnAws(stack, sweepId);
  output.note(`Training one trial for one epoch first, as ${sweepId}; --no-try skips this.`);
  const end = await trainOneOnAws({
    ...{ stack, spec: trying, signal },
    note: (line) => output.note(line),
    onTrialStarted: () => output.note('The trial has started.'),
  });
  if (end.status === 'failed' && !isVerdict(end.error)) throw failureOf(end);
  const { result, seen } = await firstEpoch(stack.objects, sweepId, prepared, picked);
  await showLog(sweepObjects(stack.objects, sweepId).attempts, output);
  // A container that never ran leaves no result; the verdict says why.
  const failure = seen.failure ?? (end.status === 'failed' ? { class: end.error, reason: end.cause } : null);
  const outcome: TryOutcome = {
    ...seen,
    status: end.status === 'interrupted' ? 'interrupted' : (result?.status ?? 'failed'),
    failure,
    warnings: [...new Set((result?.facts.warnings ?? []).map(({ text }) => text))],
    ...besideCode([], []),
    ...{ resumed: null, bestModel: null, modelNote: null, twice: null },
    machine: result?.status === 'succeeded' ? await epochOn(stack, spec, result) : null,
  };
  output.note(tryText(outcome));
  if (outcome.status === 'succeeded') await removeTraces(stack, trying, output);
  else
    output.note(
      `Nothing more was started. sweep logs ${sweepId} 0 shows what the trial printed; sweep remove ${sweepId} removes it.`,
    );
  return outcome;
}
