import type { Control } from '../layout/control.ts';
import type { Spec } from '../spec/spec.ts';

/**
 * The spec with the orders applied. The larger number of trials counts, because the total can only grow, and the spec's may
 * have been raised since. A stop value from an order replaces the spec's.
 */
export function specUnder(spec: Spec, { trials = 0, stopValue }: Pick<Control, 'trials' | 'stopValue'>): Spec {
  const { search } = spec;
  if (trials <= search.trials && stopValue === undefined) return spec;
  const stop = stopValue === undefined ? search.stop : { ...search.stop, value: stopValue };
  const changed = { ...search, trials: Math.max(trials, search.trials), ...(stop === undefined ? {} : { stop }) };
  return { ...spec, search: changed };
}
