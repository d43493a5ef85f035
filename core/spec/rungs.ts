import { halvingDefaults, type Spec, type StrategyName } from './spec.ts';

/** The arithmetic of halving: a spec's rungs, each with its number of trials and epochs. */

/** One rung of a bracket: how many trials are trained to which budget. */
export interface Rung {
  readonly epochs: number;
  readonly size: number;
}

/**
 * The brackets of a sweep, each its rungs from the first to the full budget. Budgets are the full one divided by powers
 * of the reduction, not below minEpochs; bracket b starts b rungs higher than the first, and takes the trials that
 * Hyperband gives it (L. Li et al., "Hyperband", JMLR 2018: about the same epochs a bracket), in the sum `trials`.
 */
export function bracketsOf(spec: Spec): Rung[][] {
  const { reduction, brackets } = halvingOf(spec);
  const budgets = budgetsOf(spec);
  const used = Math.min(brackets, budgets.length);
  const highest = budgets.length - 1;
  const weights = Array.from({ length: used }, (_, b) => reduction ** (highest - b) / (highest - b + 1));
  const sizes = shares(spec.search.trials, weights);
  return sizes.map((size, b) =>
    budgets.slice(b).map((epochs, rung) => ({ epochs, size: Math.max(1, Math.floor(size / reduction ** rung)) })),
  );
}

export function halvingOf(spec: Pick<Spec, 'search'>): NonNullable<Spec['search']['halving']> {
  return spec.search.halving ?? halvingDefaults();
}

/** What proposes the points: the strategy, or what halving has propose them. */
export function proposerOf({ search }: Pick<Spec, 'search'>): ProposerName {
  return search.strategy === 'halving' ? halvingOf({ search }).proposals : search.strategy;
}

/** Rising budgets that end at `epochs`: epochs / reduction^k, rounded up, while that is at least minEpochs. */
export function budgetsOf(spec: Pick<Spec, 'search' | 'training'>): number[] {
  const { reduction, minEpochs } = halvingOf(spec);
  const { epochs } = spec.training;
  const budgets = [epochs];
  for (let power = 1; ; power++) {
    const budget = Math.ceil(epochs / reduction ** power - 1e-9);
    if (budget < minEpochs || budget >= budgets[0]!) return budgets;
    budgets.unshift(budget);
  }
}

/** Divides `total` in proportion to the weights, at least 1 each as far as it goes; the first get the remainder. */
function shares(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const sizes = weights.map((weight) => Math.max(1, Math.floor((total * weight) / sum)));
  for (let extra = total - sizes.reduce((a, b) => a + b, 0), b = 0; extra > 0; extra--, b++) sizes[b % sizes.length]!++;
  while (sizes.reduce((a, b) => a + b, 0) > total) sizes.pop();
  return sizes;
}

/** bayesian learns between rounds; halving has one a rung. */
export function defaultRounds(spec: Spec): number {
  if (spec.search.strategy === 'bayesian') return Math.min(4, spec.search.trials);
  return spec.search.strategy === 'halving' ? bracketsOf(spec).flat().length : 1;
}

/** The number of trainings if nothing fails and early promotions stay among the best. */
export function expectedUnits(spec: Spec): number {
  if (spec.search.strategy !== 'halving') return spec.search.trials;
  return bracketsOf(spec)
    .flat()
    .reduce((sum, { size }) => sum + size, 0);
}

/** The most trainings of an asynchronous search: each gate lists all of them, and more would take longer than a short trial. */
export const MAX_UNITS = 10_000;

/** What proposes new points; halving (halving.ts) decides how long they are trained, and has one of these propose. */
export type ProposerName = Exclude<StrategyName, 'halving'>;
