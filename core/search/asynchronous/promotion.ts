import { leastOf } from '../../base/numbers.ts';
import type { Unit } from '../../layout/asynchronous.ts';
import { isWithinLimits } from '../../spec/limits.ts';
import { halvingOf } from '../../spec/rungs.ts';
import type { Spec } from '../../spec/spec.ts';
import { atBudget, isFree, type Known } from './known.ts';
import { bracketOf, budgetsByBracket } from './sweep.ts';

/** A rung of a bracket and the next one, to which its trials may be promoted. */
interface Step {
  readonly bracket: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The next trial to promote, and its budget; null if none may be. Asynchronous successive halving by promotion (L. Li et
 * al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020): of the results of a rung so far, the best
 * 1 / reduction are promoted without waiting for the rest, the highest rung first. Failed trials count as the worst and are
 * never promoted; ties go to the earlier trial.
 */
export function promotion(spec: Spec, known: Known): Unit | null {
  if (spec.search.strategy !== 'halving') return longerTraining(spec, known);
  const steps = budgetsByBracket(spec).flatMap((budgets, bracket) =>
    budgets.slice(1).map((to, index): Step => ({ bracket, from: budgets[index]!, to })),
  );
  for (const step of steps.toSorted((a, b) => b.to - a.to || a.bracket - b.bracket)) {
    const ranked = rankedAt(spec, known, step);
    const places = Math.floor(ranked.ended / halvingOf(spec).reduction + 1e-9);
    const number = ranked.best.slice(0, places).find((number) => mayGoOn(known, number, step));
    if (number !== undefined) return { number, epochs: step.to };
  }
  return lastPromotion(spec, known);
}

/**
 * At the end of a bracket that is too small for its rungs, if no more trials can reach a rung and none of it has been or is
 * about to be promoted, the best is promoted, so that a search ends with trials of the full budget.
 */
function lastPromotion(spec: Spec, known: Known): Unit | null {
  for (const [bracket, budgets] of budgetsByBracket(spec).entries()) {
    if (hasFree(spec, known, bracket)) continue;
    for (const [index, to] of budgets.entries()) {
      if (index === 0) continue;
      const step: Step = { bracket, from: budgets[index - 1]!, to };
      if (isOpen(spec, known, bracket, step.from)) break;
      const next = atBudget(known, to);
      const isThrough = membersOf(spec, bracket, next.claimed).some((number) => next.ended.get(number)?.value !== null);
      if (isThrough) continue;
      const number = rankedAt(spec, known, step).best.find((number) => mayGoOn(known, number, step));
      if (number !== undefined) return { number, epochs: to };
    }
  }
  return null;
}

/** Without halving: a trial with fewer epochs than the sweep has now, the earliest first. */
function longerTraining({ training: { epochs } }: Spec, known: Known): Unit | null {
  const { claimed } = atBudget(known, epochs);
  const due = [...known.points.keys()].filter((number) => !claimed.has(number) && !known.skipped.has(number));
  return due.length === 0 ? null : { number: leastOf(due), epochs };
}

const mayGoOn = (known: Known, number: number, { to }: Step): boolean =>
  !known.skipped.has(number) && !atBudget(known, to).claimed.has(number);

function membersOf(spec: Spec, bracket: number, numbers: Iterable<number>): number[] {
  return [...numbers].filter((number) => bracketOf(spec, number) === bracket);
}

/** How many trials have ended at a rung, and the successful ones, best first. */
function rankedAt(spec: Spec, known: Known, { bracket, from }: Step): { ended: number; best: number[] } {
  const { ended } = atBudget(known, from);
  const members = membersOf(spec, bracket, ended.keys());
  const direction = spec.objective.goal === 'maximize' ? -1 : 1;
  const values = members.flatMap((number) => {
    const { value, others } = ended.get(number)!;
    if (value === null) return [];
    return [{ number, value, isBeyond: Number(!isWithinLimits(spec.objective, { value, others })) }];
  });
  values.sort((a, b) => a.isBeyond - b.isBeyond || direction * (a.value - b.value) || a.number - b.number);
  return { ended: members.length, best: values.map(({ number }) => number) };
}

function hasFree(spec: Spec, known: Known, bracket: number): boolean {
  for (let number = 0; number < known.numbers; number++)
    if (bracketOf(spec, number) === bracket && isFree(known, number)) return true;
  return false;
}

/** Whether a trial of the bracket is still training at this rung. */
function isOpen(spec: Spec, known: Known, bracket: number, epochs: number): boolean {
  const { claimed, ended } = atBudget(known, epochs);
  return membersOf(spec, bracket, claimed).some((number) => !ended.has(number) && !known.skipped.has(number));
}
