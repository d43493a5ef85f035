import { CorruptObject } from '../core/base/errors.ts';
import { INTERRUPTED_STATUS } from '../core/trial/failure.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import type { Medians } from '../core/trial/median.ts';
import { jobManifest } from '../objects/manifests.ts';
import type { ClaimName } from '../objects/search.ts';
import type { TrialOutcome, TrialRun } from './types.ts';

/** One training: of one trial, to its number of epochs. */
export interface Unit {
  readonly sweepId: string;
  readonly round: number;
  readonly trial: ManifestTrial;
  /** Of an asynchronous search: what makes the unit this child's, and what training.stop compares it with. */
  readonly search?: { readonly claim: ClaimName; readonly medians: Medians | null };
}

/** What a child trains, one unit after the other. Whoever hands them out may decide each when it is asked for. */
export interface Units {
  /** Null: nothing is left for this child. May be asked again before a unit that it gave has ended. */
  next(): Promise<Unit | null>;
}

/** The units of a child of a round: its lines of the job's manifest. @throws CorruptObject where there is none */
export async function manifestUnits({ environment, store }: Pick<TrialRun, 'environment' | 'store'>): Promise<Units> {
  const reference = environment['SWEEP_MANIFEST'] ?? '';
  const manifest = jobManifest(store, reference);
  if (manifest === null)
    throw new CorruptObject(`SWEEP_MANIFEST: received ${reference}; allowed: a manifest of the store ${store.url}`);
  const child = Number(environment['AWS_BATCH_JOB_ARRAY_INDEX'] ?? 0);
  const trials = await manifest.trialsOfChild(child);
  if (trials.length === 0) throw new CorruptObject(`${manifest.key} has no line for child ${child}`);
  const { sweepId, round } = manifest;
  const left = trials.map((trial) => ({ sweepId, round, trial }));
  return { next: async () => left.shift() ?? null };
}

/**
 * Trains what a child is given until nothing is left, or the child has to stop. Its exit status: 75 when a unit was
 * interrupted and needs another attempt, else 1 when one failed, else 0.
 * @param train never rejects for a trial that failed
 */
export async function trainUnits(
  units: Units,
  train: (unit: Unit) => Promise<TrialOutcome>,
  signal: AbortSignal,
): Promise<TrialOutcome['exitCode']> {
  let status: TrialOutcome['exitCode'] = 0;
  for (let unit = await units.next(); unit !== null; unit = await units.next()) {
    const { exitCode } = await train(unit);
    status = Math.max(status, exitCode) as TrialOutcome['exitCode'];
    // A program that asked to be started again is no reason to keep the others waiting.
    if (exitCode === INTERRUPTED_STATUS && signal.aborted) break;
  }
  return status;
}
