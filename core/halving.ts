import { pointKey } from './space.ts';
import { HALVING_DEFAULTS, type Spec } from './spec.ts';
import type { ProposerName } from './strategies/index.ts';
import type { Observation } from './strategies/strategy.ts';

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
  return spec.search.halving ?? HALVING_DEFAULTS;
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

/** `total` shared in proportion to the weights, at least 1 each where it reaches; the first take what is left over. */
function shares(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const sizes = weights.map((weight) => Math.max(1, Math.floor((total * weight) / sum)));
  for (let extra = total - sizes.reduce((a, b) => a + b, 0), b = 0; extra > 0; extra--, b++) sizes[b % sizes.length]!++;
  while (sizes.reduce((a, b) => a + b, 0) > total) sizes.pop();
  return sizes;
}

/** What is trained next: new trials, or those of the rung below that go on. */
export type NextRung =
  | { readonly kind: 'new'; readonly epochs: number; readonly count: number }
  | { readonly kind: 'promoted'; readonly epochs: number; readonly points: readonly Observation['parameters'][] };

/**
 * The next rung that the results ask for, bracket by bracket; null when every bracket is through. A point belongs to the
 * bracket whose first budget is the lowest it was trained to. Of a rung the best go on, ties in an order of the points'
 * own, so that the order of the history decides nothing.
 * @param exhausted the space has no further point: a first rung is what there is
 */
export function nextRung(spec: Spec, history: readonly Observation[], exhausted = false): NextRung | null {
  const points = new Map<string, Map<number, Observation>>();
  for (const observation of history) {
    const key = pointKey(observation.parameters);
    const budgets = points.get(key) ?? new Map<number, Observation>();
    const told = budgets.get(observation.epochs);
    // Told twice, the larger value counts, whichever came first.
    if (
      told === undefined ||
      (observation.value ?? Number.NEGATIVE_INFINITY) > (told.value ?? Number.NEGATIVE_INFINITY)
    )
      budgets.set(observation.epochs, observation);
    points.set(key, budgets);
  }
  for (const rungs of bracketsOf(spec)) {
    const next = nextOfBracket(spec, rungs, points, exhausted);
    if (next !== null) return next;
  }
  return null;
}

function nextOfBracket(
  spec: Spec,
  rungs: readonly Rung[],
  points: ReadonlyMap<string, ReadonlyMap<number, Observation>>,
  exhausted: boolean,
): NextRung | null {
  const first = rungs[0]!;
  const members = [...points].filter(([, budgets]) => Math.min(...budgets.keys()) === first.epochs);
  const isShort = members.length < first.size;
  if (isShort && !exhausted) return { kind: 'new', epochs: first.epochs, count: first.size - members.length };
  const direction = spec.objective.goal === 'maximize' ? -1 : 1;
  const { reduction } = halvingOf(spec);
  for (const [index, { epochs, size }] of rungs.entries()) {
    if (index === 0) continue;
    const below = rungs[index - 1]!.epochs;
    const ranked = members
      .flatMap(([key, budgets]) => {
        const observation = budgets.get(below);
        return typeof observation?.value === 'number' ? [{ key, budgets, observation, value: observation.value }] : [];
      })
      .sort((a, b) => direction * (a.value - b.value) || (a.key < b.key ? -1 : 1))
      .slice(0, isShort ? Math.max(1, Math.floor(members.length / reduction ** index)) : size);
    const missing = ranked.filter(({ budgets }) => !budgets.has(epochs));
    if (missing.length > 0)
      return { kind: 'promoted', epochs, points: missing.map(({ observation }) => observation.parameters) };
  }
  return null;
}
