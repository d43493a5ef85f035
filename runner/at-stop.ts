import type { Attempt } from './attempt.ts';

/** Stores a checkpoint. After a stop, waits for this trial's turn among its child's lanes. @throws as `Checkpoints.save` */
export function saveCheckpoint(
  attempt: Attempt,
  metrics: () => Promise<string>,
  program: Parameters<Attempt['checkpoints']['save']>[1],
): Promise<void> {
  const { checkpoints, usage } = attempt;
  return inTurn(attempt, 'training', () => checkpoints.save(metrics, program, usage.latest));
}

/**
 * Does work that stores part of an attempt: at once or, after a stop, when it is its turn.
 * @param of what would be lost without it: training that no stored checkpoint covers, or nothing that training needs
 */
export function inTurn<T>(attempt: Attempt, of: 'training' | 'nothing', work: () => Promise<T>): Promise<T> {
  const { run, phases, checkpoints } = attempt;
  if (!run.signal.aborted || run.stopQueue === undefined) return work();
  const loss = of === 'training' ? phases.trainedSince(checkpoints.storedAt, Date.now()) : null;
  return run.stopQueue.inTurn(loss, work);
}
