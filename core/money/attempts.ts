import { type CollectedTrial, collect, type Training } from '../trial/collected.ts';
import type { Instance } from '../trial/instance.ts';
import { type Interruption, SPOT_TAKEN_BACK } from '../trial/interruption.ts';
import type { Phases } from '../trial/phases.ts';
import type { TrialResult } from '../trial/result.ts';

export const OUTCOMES = ['succeeded', 'stopped', 'failed', 'interrupted'] as const;
/** stopped: a rule of training.stop ended it early. interrupted: another attempt went on, or may. */
export type Outcome = (typeof OUTCOMES)[number];

/** One attempt at a trial, as far as it takes a machine. */
export interface PaidAttempt {
  readonly trial: number;
  readonly id: string;
  readonly host: string;
  /** Undefined: a machine of one's own. */
  readonly instance: Instance | undefined;
  /** As Batch counts, from 1; undefined: nobody tells. */
  readonly number?: number;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** When its job was submitted, in milliseconds since 1970; undefined: nobody tells. */
  readonly submitted?: number;
  readonly seconds: number;
  readonly outcome: Outcome;
  /** What its seconds went to; undefined in results of earlier versions. */
  readonly phases?: Phases | undefined;
  /** EC2 took its instance back. */
  readonly wasTakenBack: boolean;
}

/**
 * The attempts that trials tell of: the one that ended each, and those that were told to stop before. One that was killed left
 * no word of its time. Of trainings without a result, `openAttempts` tells.
 */
export function paidAttempts(trials: readonly CollectedTrial[]): PaidAttempt[] {
  return trials.flatMap(({ record, facts }) => {
    const { trial, id } = record;
    const outcome = record.status === 'failed' ? 'failed' : record.stopped === undefined ? 'succeeded' : 'stopped';
    const { startedAt, seconds, host, interrupted = [], ...others } = facts;
    const last =
      startedAt === null || seconds === null || host === null
        ? []
        : [paid(trial, id, outcome, { ...others, startedAt, seconds, host })];
    return [...interruptedAttempts(trial, id, interrupted), ...last.flat()];
  });
}

/** The same of a single training, by its result. */
export function attemptsOfResult(result: TrialResult): PaidAttempt[] {
  const { trial, trialId: id, epochs } = result;
  return paidAttempts([collect({ trial, id, epochs, parameters: {} }, epochs, result)]);
}

/** The attempts at a trial that were told to stop. */
export const interruptedAttempts = (trial: number, id: string, all: readonly Interruption[]): PaidAttempt[] =>
  all.flatMap((each) => paid(trial, id, 'interrupted', each));

/** The attempts that were told to stop at trainings without a result, which would tell of them. `numbers`: of trials, by id. */
export const openAttempts = (
  stopped: readonly { readonly trialId: string; readonly interruption: Interruption }[],
  hasResult: (training: Training) => boolean,
  numbers: ReadonlyMap<string, number>,
): PaidAttempt[] =>
  stopped.flatMap(({ trialId, interruption }) =>
    hasResult({ trialId, epochs: interruption.epochs })
      ? []
      : interruptedAttempts(numbers.get(trialId) ?? 0, trialId, [interruption]),
  );

type When = Pick<Interruption, 'startedAt' | 'submittedAt' | 'seconds' | 'host' | 'instance' | 'phases'> & {
  readonly attemptNumber?: number | null | undefined;
  readonly why?: string;
};

/** None where nothing was run. */
function paid(trial: number, id: string, outcome: Outcome, when: When): PaidAttempt[] {
  const { host, instance, seconds, phases, attemptNumber: number } = when;
  const start = Date.parse(when.startedAt);
  const submitted = Date.parse(when.submittedAt ?? '');
  if (Number.isNaN(start) || seconds <= 0) return [];
  return [
    {
      trial,
      id,
      host,
      instance,
      ...(number == null ? {} : { number }),
      start,
      ...(Number.isNaN(submitted) ? {} : { submitted }),
      seconds,
      outcome,
      ...(phases === undefined ? {} : { phases }),
      wasTakenBack: when.why === SPOT_TAKEN_BACK,
    },
  ];
}
