import type { PaidAttempt } from './attempts.ts';
import { waitedSeconds } from './waiting.ts';

/** Seconds of attempts by what they did. */
export interface TrialPhases {
  /** For a machine, which costs nothing; null: not known. */
  readonly waiting: number | null;
  /** Their machine pulled the image, which is billed as a part of its start; null: not known. */
  readonly pulling: number | null;
  readonly fetching: number;
  readonly training: number;
  /** Checkpoints that were still to be stored when the program had ended, model, outputs, log and result. */
  readonly uploading: number;
}

/** The phases of each trial's attempts, those that are known, by its id. */
export function phasesByTrial(attempts: readonly PaidAttempt[]): Map<string, TrialPhases> {
  const trials = new Map<string, PaidAttempt[]>();
  for (const attempt of attempts) {
    const others = trials.get(attempt.id);
    if (others === undefined) trials.set(attempt.id, [attempt]);
    else others.push(attempt);
  }
  return new Map([...trials].map(([id, some]) => [id, phasesOf(some)]));
}

/** The same of many trials together. */
export const phasesTogether = (all: Iterable<TrialPhases>): TrialPhases => [...all].reduce(together, NONE);

/** In a sentence, those that are known: `1h training, 5s fetching, 0s uploading at the end, 2m waiting`. */
export function phasesText(
  { waiting, pulling, fetching, training, uploading }: TrialPhases,
  duration: (seconds: number) => string,
): string {
  const told: readonly (readonly [string, number | null])[] = [
    ['training', training],
    ['fetching', fetching],
    ['uploading at the end', uploading],
    ['pulling the image', pulling],
    ['waiting', waiting],
  ];
  return told
    .filter(([, seconds]) => seconds !== null)
    .map(([name, seconds]) => `${duration(seconds!)} ${name}`)
    .join(', ');
}

function phasesOf(attempts: readonly PaidAttempt[]): TrialPhases {
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

const NONE: TrialPhases = { waiting: null, pulling: null, fetching: 0, training: 0, uploading: 0 };

const sum = (a: number | null, b: number | null): number | null => (a === null ? b : a + (b ?? 0));

const together = (a: TrialPhases, b: TrialPhases): TrialPhases => ({
  waiting: sum(a.waiting, b.waiting),
  pulling: sum(a.pulling, b.pulling),
  fetching: a.fetching + b.fetching,
  training: a.training + b.training,
  uploading: a.uploading + b.uploading,
});
