import { type Parameters, pointKey, satisfies } from '../../space/space.ts';
import { proposerOf } from '../../spec/rungs.ts';
import { distinctPoints, initialPoints } from '../propose.ts';
import { type Fits, numberedProposals } from '../strategies/bayesian-numbered.ts';
import { costExponent } from '../strategies/cost-aware.ts';
import { strategies } from '../strategies/index.ts';
import { historyOf, type Known } from './known.ts';
import type { AsynchronousSweep } from './sweep.ts';

/**
 * Distinct points for one trial, the most wanted first; it gets the first that no other trial has. They depend only on the
 * trial's number and on what its first claim had seen, so whoever finishes a claim finds the same point.
 *
 * A strategy that does not learn gives trial n the nth point of its sequence. One that learns gives the initial points to
 * the first trials, then asks its model; what the model leaves, or all of it until there is enough to learn from, is the
 * sequence of `sobol`, from the nth point on.
 */
export function* proposals(sweep: AsynchronousSweep, number: number, known: Known, fits: Fits): Generator<Parameters> {
  const { spec, space, warm } = sweep;
  const { seed } = spec.search;
  const { goal, others } = spec.objective;
  if (!strategies[proposerOf(spec)].learns) {
    yield* inTurn(sweep, number);
    return;
  }
  const history = historyOf(known);
  const seen = new Set(history.map(({ parameters }) => pointKey(parameters)));
  const isNew = (point: Parameters) => {
    const before = seen.size;
    return seen.add(pointKey(point)).size > before;
  };
  const initial = initialOf(sweep);
  const own = initial.slice(number, number + 1);
  yield* own.filter(isNew);
  // The number of trials planned then: a later order for more must not change this decision.
  const weight = spec.search.costAware ? costExponent(number, known.numbers) : undefined;
  const request = { space, seed, goal, others, number, history, warm, fits, costExponent: weight };
  for (const point of numberedProposals(request)) if (satisfies(space, point) && isNew(point)) yield point;
  for (const point of inTurn(sweep, number)) if (isNew(point)) yield point;
}

const wanted = ({ spec, space, first }: AsynchronousSweep) => ({
  space,
  // A strategy that learns begins with sobol's points.
  strategy: strategies[proposerOf(spec)].learns ? ('sobol' as const) : proposerOf(spec),
  seed: spec.search.seed,
  goal: spec.objective.goal,
  initial: [...first, ...spec.search.initial],
  history: [],
  skip: 0,
  count: 1,
});

/** The distinct initial points that are in the space. */
function initialOf(sweep: AsynchronousSweep): Parameters[] {
  return [...new Map(initialPoints(wanted(sweep)).map((point) => [pointKey(point), point])).values()];
}

/** The points of a sequence that results do not change, from the nth on, and then those before it. */
function* inTurn(sweep: AsynchronousSweep, number: number): Generator<Parameters> {
  const before: Parameters[] = [];
  for (const point of distinctPoints(wanted(sweep))) {
    if (before.length < number) before.push(point);
    else yield point;
  }
  yield* before;
}
