import { BadInput, type Problem } from '../base/errors.ts';
import type { Spec } from '../spec/spec.ts';
import { checkEvents } from './history-events.ts';
import { type Offer, offerProblems } from './profiles.ts';

/**
 * Checks that a deployment can run the spec, wherever the sweep is started from. `more`: problems that only the caller can
 * see.
 * @throws BadInput with every problem; PlanTooLarge when the plan alone does not fit into one execution
 */
export function checkDeployable(spec: Spec, offer: Offer, more: readonly Problem[] = []): void {
  const problems = [...offerProblems(spec, offer), ...more];
  if (problems.length > 0) throw new BadInput(problems);
  checkEvents(spec);
}
