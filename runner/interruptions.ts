import { hostname } from 'node:os';
import { type Interruption, latestInterruptions } from '../core/trial/interruption.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { Attempt } from './attempt.ts';
import { orderOf } from './orders.ts';

/** What an attempt tells of itself, whatever became of it. */
export async function whereAndWhen({ run, number, startedAt, phases, before }: Attempt) {
  const [instance, { submittedAt, pulling }] = await Promise.all([run.instance, before]);
  return {
    startedAt: startedAt.toISOString(),
    seconds: Math.max(0, (Date.now() - startedAt.getTime()) / 1000),
    phases: { ...(pulling === null ? {} : { pulling }), ...phases.phases(Date.now()) },
    ...(submittedAt === null ? {} : { submittedAt }),
    host: hostname(),
    attemptNumber: number,
    ...(run.slot.id === undefined ? {} : { slot: run.slot.id }),
    ...(instance == null ? {} : { instance }),
  };
}

/** Leaves word that the attempt has to be repeated. The little time that is left belongs to the checkpoint, so it is tried once. */
export async function noteInterruption(attempt: Attempt, why = whyStopped(attempt)): Promise<void> {
  const { run, sweepId, trial, name } = attempt;
  const interruption: Interruption = { ...(await whereAndWhen(attempt)), epochs: trial.epochs, why };
  const { attempts } = sweepObjects(run.store, sweepId);
  await attempts
    .ofTrial(trial.id, name)
    .putInterruption(interruption)
    .catch(() => {});
}

function whyStopped(attempt: Attempt): string {
  const order = orderOf(attempt);
  if (order !== null) return order.because;
  const { signal } = attempt.run;
  if (!signal.aborted) return 'the program asked to be started again (exit status 75)';
  const { reason } = signal;
  return reason instanceof Error && reason.name !== 'AbortError' ? reason.message : 'the sweep was stopped';
}

/** The trial's attempts at this budget that left such word, the latest ones. What cannot be read is not worth a trial. */
export async function earlierInterruptions(
  store: ObjectStore,
  sweepId: string,
  { id, epochs }: ManifestTrial,
): Promise<Interruption[]> {
  try {
    return latestInterruptions(await sweepObjects(store, sweepId).attempts.interruptions(id), epochs);
  } catch {
    return [];
  }
}
