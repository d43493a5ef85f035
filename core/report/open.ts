import type { KnownAttempt } from '../money/starts.ts';
import type { Parameters } from '../space/space.ts';
import type { Training } from '../trial/collected.ts';
import type { ManifestTrial } from '../trial/manifest.ts';

/** A training without a result, as far as the store tells of it. */
export interface OpenTraining {
  readonly trial: number;
  /** The budget that it trains for. */
  readonly epochs: number;
  readonly parameters: Parameters;
  /** When the attempt began that has not ended, as far as is known; ISO 8601. Null: none is known. */
  readonly begun: string | null;
  /** Attempts that were told to stop. */
  readonly interrupted: number;
}

/** Enough to see what is being done; a sweep may have a million. */
export const REPORT_OPEN = 100;

export type PlannedTraining = Pick<ManifestTrial, 'trial' | 'id' | 'epochs' | 'parameters'>;
export type BegunTraining = Pick<KnownAttempt, 'trialId' | 'epochs' | 'at' | 'end'>;

/** The first of these trainings: those that were begun, then those that were interrupted, then the others. */
export function openTrainings(
  trainings: readonly PlannedTraining[],
  begun: readonly BegunTraining[],
  stopped: readonly Training[],
): OpenTraining[] {
  const since = new Map(
    begun.flatMap((one) => (one.end === null ? [[nameOf(one), new Date(one.at).toISOString()]] : [])),
  );
  const times = new Map<string, number>();
  for (const one of stopped) times.set(nameOf(one), (times.get(nameOf(one)) ?? 0) + 1);
  return trainings
    .map(({ trial, id, epochs, parameters }) => {
      const name = nameOf({ trialId: id, epochs });
      return { trial, epochs, parameters, begun: since.get(name) ?? null, interrupted: times.get(name) ?? 0 };
    })
    .sort((a, b) => placeOf(a) - placeOf(b) || a.trial - b.trial)
    .slice(0, REPORT_OPEN);
}

const placeOf = ({ begun, interrupted }: OpenTraining): number => (begun !== null ? 0 : interrupted > 0 ? 1 : 2);

const nameOf = ({ trialId, epochs }: Training): string => `${trialId}.${epochs}`;
