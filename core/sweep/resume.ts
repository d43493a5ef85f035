import { differences } from '../base/differences.ts';
import { BadInput, type Problem } from '../base/errors.ts';
import { show } from '../base/text.ts';
import type { Spec } from '../spec/spec.ts';
import { trainingOf } from './identity.ts';

/**
 * What forbids going on with an existing sweep under a new spec.
 * @throws BadInput naming each changed field
 */
export function checkResumable(before: Spec, now: Spec, planned: number): void {
  const problems: Problem[] = differences([trainingOf(before), trainingOf(now)]).map(
    ({ field, values: [old, current] }) => ({
      field,
      message: `received ${show(current)}, but the sweep ${now.sweepId} was started with ${show(old)}; allowed to change: search.trials (more), search.rounds, search.stop, search.confirm, training.epochs, objective (without a pattern), tolerance, keep and compute; change it back, or choose another sweepId`,
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
