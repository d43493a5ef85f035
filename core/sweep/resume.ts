import { differences } from '../base/differences.ts';
import { BadInput, badInput, type Problem } from '../base/errors.ts';
import { show } from '../base/text.ts';
import { FORMAT, type Spec } from '../spec/spec.ts';
import { trainingOf } from './identity.ts';

/**
 * A sweep of an earlier format is read and reported, and not gone on with: its trials got other texts and have other ids.
 * @throws BadInput naming the sweep and the ways out
 */
export function checkFormat(recorded: Spec | null, sweepId: string): void {
  if (recorded === null || recorded.format === FORMAT) return;
  throw badInput(
    'sweepId',
    `the sweep ${sweepId} was made by an earlier version of Sweepstack (its spec.json is of format ${recorded.format}; this version writes ${FORMAT}), which passed numbers to programs in another form, so its trials cannot be continued; choose another sweepId or name for a new sweep (with search.warmStart: [${sweepId}] it learns from this one); status, report, model and export still read the old one`,
  );
}

/**
 * What forbids going on with an existing sweep under a new spec.
 * @throws BadInput naming each changed field
 */
export function checkResumable(before: Spec, now: Spec, planned: number): void {
  const problems: Problem[] = differences([trainingOf(before), trainingOf(now)]).map(
    ({ field, values: [old, current] }) => ({
      field,
      message: `received ${show(current)}, but the sweep ${now.sweepId} was started with ${show(old)}; allowed to change: search.trials (more), search.rounds, search.stop, search.confirm, training.epochs, objective (without a pattern), tolerance, keep, budget and compute; change it back, or choose another sweepId`,
    }),
  );
  if (now.search.strategy === 'halving' && before.training.epochs !== now.training.epochs) {
    problems.push({
      field: 'training.epochs',
      message: `received ${now.training.epochs}, but the rungs of the sweep ${now.sweepId} were planned for ${before.training.epochs} epochs; change it back, or choose another sweepId`,
    });
  }
  if (now.search.trials < planned && now.search.strategy !== 'grid') {
    problems.push({
      field: 'search.trials',
      message: `received ${now.search.trials}, but the sweep ${now.sweepId} has already planned ${planned}; allowed: ${planned} or more; raise it, or choose another sweepId`,
    });
  }
  if (problems.length > 0) throw new BadInput(problems);
}
