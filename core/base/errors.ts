/**
 * The errors of the domain. `name` is a contract: a Lambda's error name is what the state machine's `ErrorEquals`
 * and a person in the console see, so it is set on each class and never derived.
 */

/** One thing wrong with what a person gave: where, what was received, what is allowed, what to do. */
export interface Problem {
  /** Dotted path of the field, e.g. `search.space.dropout.min`; empty for the document as a whole. */
  readonly field: string;
  /** A sentence that holds the value received, what is allowed and the remedy. */
  readonly message: string;
}

/** Base of every error that this product raises on purpose. */
export class SweepstackError extends Error {
  override name = 'SweepstackError';
}

/** What a person gave cannot be used; nothing was changed. `problems` holds every one found, not only the first. */
export class BadInput extends SweepstackError {
  override name = 'BadInput';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

/** Another execution owns the sweep. */
export class SweepLocked extends SweepstackError {
  override name = 'SweepLocked';
}

/** How a sweep that ran is judged to have failed: its leaderboard, report and best are written all the same. */
export const isVerdict = (error: string): boolean =>
  ['ToleranceExceeded', 'NoTrialFinished', 'BudgetEnded'].includes(error);

/** The plan does not fit into one execution (history events, array sizes). */
export class PlanTooLarge extends SweepstackError {
  override name = 'PlanTooLarge';
}

/** An object that the sweep needs is missing or is not what it should be. */
export class CorruptObject extends SweepstackError {
  override name = 'CorruptObject';
}

export function badInput(field: string, message: string): BadInput {
  return new BadInput([{ field, message }]);
}

export function formatProblem(problem: Problem): string {
  return problem.field === '' ? problem.message : `${problem.field}: ${problem.message}`;
}
