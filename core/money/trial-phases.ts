import type { TotalPhases } from '../trial/phases.ts';
import type { PaidAttempt } from './attempts.ts';
import { waitedSeconds } from './waiting.ts';

/** The phases of each trial's attempts, those that are known, by its id. */
export function phasesByTrial(attempts: readonly PaidAttempt[]): Map<string, TotalPhases> {
  const trials = new Map<string, PaidAttempt[]>();
  for (const attempt of attempts) {
    const others = trials.get(attempt.id);
    if (others === undefined) trials.set(attempt.id, [attempt]);
    else others.push(attempt);
  }
  return new Map([...trials].map(([id, some]) => [id, phasesOf(some)]));
}

/** The same of many trials together. */
export const phasesTogether = (all: Iterable<TotalPhases>): TotalPhases => [...all].reduce(together, NONE);

/**
 * In a sentence, those that are known: `1h training, 5s fetching, 0s uploading at the end, 2m waiting`. Null: none is, as of
 * results of earlier versions.
 */
export function phasesText(
  { waiting, pulling, fetching, training, uploading }: TotalPhases,
  duration: (seconds: number) => string,
): string | null {
  const told: readonly (readonly [string, number | null])[] = [
    ['training', training],
    ['fetching', fetching],
    ['uploading at the end', uploading],
    ['pulling the image', pulling],
    ['waiting', waiting],
  ];
  if (!told.some(([, seconds]) => seconds !== null && seconds > 0)) return null;
  return told
    .filter(([, seconds]) => seconds !== null)
    .map(([name, seconds]) => `${duration(seconds!)} ${name}`)
    .join(', ');
}

function phasesOf(attempts: readonly PaidAttempt[]): TotalPhases {
  const sorted = attempts.toSorted((a, b) => a.start - b.start);
  return phasesTogether(
    sorted.map((attempt, place) => {
      const { phases, seconds } = attempt;
      const { fetching = 0, training = 0, pulling = null } = phases ?? {};
      const waiting = waitedSeconds(attempt, sorted[place - 1]);
      const uploading = phases === undefined ? 0 : Math.max(0, seconds - fetching - training);
      return { waiting, pulling, fetching, training, uploading };
    }),
  );
}

const NONE: TotalPhases = { waiting: null, pulling: null, fetching: 0, training: 0, uploading: 0 };

const sum = (a: number | null, b: number | null): number | null => (a === null ? b : a + (b ?? 0));

const together = (a: TotalPhases, b: TotalPhases): TotalPhases => ({
  waiting: sum(a.waiting, b.waiting),
  pulling: sum(a.pulling, b.pulling),
  fetching: a.fetching + b.fetching,
  training: a.training + b.training,
  uploading: a.uploading + b.uploading,
});
