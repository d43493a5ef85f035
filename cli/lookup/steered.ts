import { badInput, CorruptObject } from '../../core/base/errors.ts';
import { roundEpochs } from '../../core/search/rounds.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { isTrainedAgain } from '../../core/trial/failure.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { FoundSweep } from './find.ts';
import { lockOf } from './state.ts';
import { findTrial } from './trials.ts';

/** Whether an execution owns the sweep and runs. */
export async function isRunningNow(sweep: FoundSweep): Promise<boolean> {
  const lock = await lockOf(sweep);
  return lock !== null && (await sweep.isRunning(lock));
}

/** As it was recorded, without what was asked for since. */
export async function recordedSpecOf({ store, sweepId }: FoundSweep): Promise<Spec> {
  const recorded = await sweepObjects(store, sweepId).definition.recordedSpec();
  if (recorded === null) throw new CorruptObject(`the sweep ${sweepId} has no spec.json; start it again`);
  return recorded.spec;
}

export interface SteeredTrial {
  readonly trial: number;
  readonly id: string;
  /** The budget of the last round that it is in. */
  readonly epochs: number;
  /** How it ended there, in words; null: it has no result, or one that is trained again. */
  readonly ended: string | null;
  readonly isSkipped: boolean;
}

/** A trial as its last planned training stands. @throws BadInput where there is no such trial */
export async function steeredTrial(sweep: FoundSweep, name: string): Promise<SteeredTrial> {
  const { trial, id } = await findTrial(sweep, name);
  const { rounds, results, definition } = sweepObjects(sweep.store, sweep.sweepId);
  const spec = await definition.spec();
  for (const record of (await rounds.all()).toReversed()) {
    const planned = (await rounds.trials(record)).find((each) => each.id === id);
    if (spec === null || planned === undefined) continue;
    // In an asynchronous search each trial has a budget of its own.
    const epochs = record.kind === 'asynchronous' ? planned.epochs : roundEpochs(spec, record);
    const result = await results.judged({ trialId: id, epochs }, spec.objective);
    const failure = result?.failure ?? null;
    const isFinal = result !== null && !isTrainedAgain(failure);
    const ended = failure?.class ?? `${spec.objective.metric} ${result?.value}`;
    return { trial, id, epochs, ended: isFinal ? ended : null, isSkipped: failure?.class === 'skipped' };
  }
  throw badInput('', `trial ${trial} is in no round of the sweep ${sweep.sweepId}; sweep status shows what there is`);
}
