import type { Control } from '../layout/control.ts';
import type { Spec } from '../spec/spec.ts';

/**
 * The spec as a person has the sweep go on. Of trials the larger number counts, since the total only grows: the spec's own
 * where that was raised since. A value to stop at stands in place of the spec's.
 */
export function specUnder(spec: Spec, { trials = 0, stopValue }: Pick<Control, 'trials' | 'stopValue'>): Spec {
  const { search } = spec;
  if (trials <= search.trials && stopValue === undefined) return spec;
  const stop = stopValue === undefined ? search.stop : { ...search.stop, value: stopValue };
  const changed = { ...search, trials: Math.max(trials, search.trials), ...(stop === undefined ? {} : { stop }) };
  return { ...spec, search: changed };
}
