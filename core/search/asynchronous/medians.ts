import type { Spec } from '../../spec/spec.ts';
import type { Curve } from '../../trial/curve.ts';
import { type Medians, mediansOf } from '../../trial/median.ts';
import { type Known, outcomesIn } from './known.ts';

/**
 * The curves that `training.stop.median` compares a unit with: the longest of every trial that had ended when the unit was
 * first claimed. Null without that rule, and while there are too few.
 */
export function mediansFor(spec: Spec, known: Known): Medians | null {
  if (!spec.training.stop?.median) return null;
  const longest = new Map<number, Curve>();
  for (const { number, curve } of outcomesIn(known)) if (curve.length > 0) longest.set(number, curve);
  return mediansOf([...longest.values()], spec.objective.goal, spec.training.epochs);
}
