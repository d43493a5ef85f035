import { toleratedFailures } from '../search/tolerance.ts';
import type { Spec } from '../spec/spec.ts';
import { isSkipped, notRunIn, remedyFor } from '../trial/failure.ts';
import { groupText, type RunMetadata } from './run-metadata.ts';
import { failuresIn, skippedIn } from './standing.ts';

/** One sentence: how many trials failed, out of how many, why, and what to do. */
export function toleranceSentence(
  failed: number,
  planned: number,
  tolerated: number,
  groups: RunMetadata['failures'],
  sweepId: string,
): string {
  const notRun = notRunIn(groups);
  const classes = groups.filter((group) => group.class !== 'not-run').map(groupText);
  const [first] = groups;
  const example =
    first === undefined
      ? ''
      : `; trial ${first.example.trial}: ${first.example.reason}; ${remedyFor(first.remedy, sweepId, first.example.trial)}`;
  const which = classes.length === 0 ? '' : ` (${classes.join('; ')})`;
  const rest = notRun === 0 ? '' : `, and ${notRun} ${notRun === 1 ? 'was' : 'were'} not run`;
  return `${failed - notRun} of ${planned} trials failed${which}${rest}; tolerance.failedTrials allows ${tolerated}${example}`;
}

/**
 * What follows a round: another one, of an asynchronous search another wave, a pause, the promotion of the best, or the end
 * of a sweep that failed.
 */
export interface Decision {
  readonly decision: 'round' | 'wave' | 'pause' | 'promote' | 'fail';
  /** For `fail`: the error that ends the execution. */
  readonly error?: string;
  readonly cause?: string;
}

interface Outlook {
  /** Trials planned so far, and in all. */
  readonly planned: number;
  readonly all: number;
  /** No round follows. */
  readonly finished: boolean;
  /** Epochs that the best trial was trained to. */
  readonly reached: number;
  readonly groups: RunMetadata['failures'];
  /** Someone paused the sweep. */
  readonly paused: boolean;
  /** Trials of a paused sweep without a result: they were not trained, and will be when it resumes. */
  readonly pending: number;
  /** Why the budget ended the sweep while something was left to train; null: it did not. */
  readonly budget?: string | null;
  /** Why no trial can win although some have a value; null: one can, or none has. */
  readonly missed?: string | null;
}

export function decide(spec: Spec, outlook: Outlook): Decision {
  const { planned, all, finished, reached, groups, paused, pending, budget = null, missed = null } = outlook;
  // What is left to train decides first: it may yet make up for what failed.
  if (paused && pending > 0) return { decision: 'pause' };
  const failed = failuresIn(groups);
  const judged = planned - skippedIn(groups);
  const tolerated = toleratedFailures(spec, all);
  if (failed > tolerated || (failed > 0 && failed === judged && planned >= all)) {
    return {
      decision: 'fail',
      error: 'ToleranceExceeded',
      cause: toleranceSentence(
        failed,
        planned,
        tolerated,
        groups.filter((group) => !isSkipped(group.class)),
        spec.sweepId ?? 'SWEEP',
      ),
    };
  }
  if (budget !== null && missed === null) return atBudgetsEnd(budget, reached);
  if (budget === null && !finished) return { decision: paused ? 'pause' : 'round' };
  if (missed !== null) return { decision: 'fail', error: 'NoTrialFinished', cause: missed };
  if (reached >= spec.training.epochs) return { decision: 'promote' };
  return {
    decision: 'fail',
    error: 'NoTrialFinished',
    cause: `no trial was trained to the full ${spec.training.epochs} epochs: every trial that reached the last rung failed or was skipped; sweep status says why`,
  };
}

/** The best so far wins. What is left is trained if the sweep continues with a larger budget. */
function atBudgetsEnd(budget: string, reached: number): Decision {
  if (reached > 0) return { decision: 'promote' };
  return {
    decision: 'fail',
    error: 'BudgetEnded',
    cause: `${budget}, and no trial has a value; raise the budget and run or start the same spec again, which resumes from the existing checkpoints`,
  };
}
