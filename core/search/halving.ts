import { pointKey } from '../space/space.ts';
import { isWithinLimits } from '../spec/limits.ts';
import { bracketsOf, halvingOf, type Rung } from '../spec/rungs.ts';
import type { Spec } from '../spec/spec.ts';
import type { Observation } from './strategies/strategy.ts';

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
    const known = budgets.get(observation.epochs);
    // Given twice, the larger value counts, whichever came first.
    if (
      known === undefined ||
      (observation.value ?? Number.NEGATIVE_INFINITY) > (known.value ?? Number.NEGATIVE_INFINITY)
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
        if (typeof observation?.value !== 'number') return [];
        const { value, others } = observation;
        const isBeyond = Number(!isWithinLimits(spec.objective, { value, others }));
        return [{ key, budgets, observation, value, isBeyond }];
      })
      .sort((a, b) => a.isBeyond - b.isBeyond || direction * (a.value - b.value) || (a.key < b.key ? -1 : 1))
      .slice(0, isShort ? Math.max(1, Math.floor(members.length / reduction ** index)) : size);
    const missing = ranked.filter(({ budgets }) => !budgets.has(epochs));
    if (missing.length > 0)
      return { kind: 'promoted', epochs, points: missing.map(({ observation }) => observation.parameters) };
  }
  return null;
}
