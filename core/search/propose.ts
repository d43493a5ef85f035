import { shuffle } from '../base/random.ts';
import { SeenTexts } from '../base/seen-texts.ts';
import { completed } from '../space/completion.ts';
import { contains, gridPoints, type Parameters, pointKey, type Space, satisfies } from '../space/space.ts';
import type { Goal } from '../spec/goal.ts';
import type { ProposerName } from '../spec/rungs.ts';
import type { OtherObjective } from '../spec/spec.ts';
import { strategies } from './strategies/index.ts';
import type { Observation } from './strategies/strategy.ts';

export interface Wanted {
  readonly space: Space;
  readonly strategy: ProposerName;
  readonly seed: number;
  readonly goal: Goal;
  /** The objectives after the first, which a strategy that learns looks at. */
  readonly others?: readonly OtherObjective[] | undefined;
  /** As in `ProposalRequest`, for a strategy that learns. */
  readonly costExponent?: number | undefined;
  /** Points, or parts of points, that come first. */
  readonly initial: readonly Parameters[];
  /** Every trial planned so far; empty for a strategy that does not learn. */
  readonly history: readonly Observation[];
  /** Distinct points planned in earlier rounds. A strategy that learns knows them by its history, and this is ignored. */
  readonly skip: number;
  /** How many more are wanted. */
  readonly count: number;
}

/**
 * When a strategy's stream counts as dry.
 *
 * In a countable space: when repeats outnumber distinct points by two to one, and a start of 1,000. Drawing evenly from
 * n points that is when about 94 in 100 were found; the unseen ones follow in an order that the seed decides, so the
 * work stays in proportion to the points asked for, and no point is missed.
 *
 * In any other space: after 100,000 repeats in a row. There is next to nothing left to draw then, as in a range too
 * narrow for 6 digits to divide, and the proposals end.
 *
 * Points that break a constraint, in a row: as many, or where what is left can be listed, a tenth.
 */
const DRY_START = 1_000;
const DRY_RATIO = 2;
const DRY_ROW = 100_000;
const DRY_ROW_OUTSIDE = 10_000;

/**
 * The next `count` distinct points: the initial ones, then the strategy's. Fewer when the space is exhausted.
 *
 * Without learning they are always points [skip, skip + count) of one sequence that space, strategy, seed and initial
 * points decide; rounds cut it anywhere.
 */
export const propose = (wanted: Wanted): Parameters[] => [...proposed(wanted)];

/** The points of `propose`, one at a time: a million of them need not be in memory. */
export function* proposed(wanted: Wanted): Generator<Parameters> {
  const skip = strategies[wanted.strategy].learns ? 0 : wanted.skip;
  if (wanted.count <= 0) return;
  let passed = 0;
  for (const point of distinctPoints(wanted)) {
    if (passed++ < skip) continue;
    yield point;
    if (passed === skip + wanted.count) return;
  }
}

/** All the distinct points of a space, as far as its strategy finds them, in the order of `propose`. */
export function* distinctPoints(wanted: Wanted): Generator<Parameters> {
  const { space, seed } = wanted;
  const countable = space.size !== Number.POSITIVE_INFINITY;
  const seen = seenPoints(wanted, countable);
  const isNew = (point: Parameters) => seen.add(pointKey(point));
  yield* initialPoints(wanted).filter(isNew);
  let repeats = 0;
  let outside = 0;
  for (const point of strategies[wanted.strategy].propose(wanted)) {
    if (!satisfies(space, point)) {
      if (++outside > (countable ? DRY_ROW_OUTSIDE : DRY_ROW)) break;
      continue;
    }
    outside = 0;
    if (isNew(point)) {
      if (!countable) repeats = 0;
      yield point;
    } else if (++repeats > (countable ? DRY_START + DRY_RATIO * seen.size : DRY_ROW)) break;
    if (seen.size >= space.size) break;
  }
  if (countable && seen.size < space.size) yield* shuffle([...gridPoints(space)].filter(isNew), seed, 'unseen points');
}

/** What tells new points from repeats, which knows those of the history. */
function seenPoints(wanted: Wanted, countable: boolean): SeenTexts {
  const { space, history, strategy } = wanted;
  if (!countable && !strategies[strategy].learns && history.length === 0) return new SeenTexts(() => keysOf(wanted));
  const planned = history.filter(
    ({ parameters, source }) => source === undefined && contains(space, parameters).ok && satisfies(space, parameters),
  );
  return SeenTexts.keeping(planned.map(({ parameters }) => pointKey(parameters)));
}

/** The keys of all points in their order, repeats among them. */
function* keysOf(wanted: Wanted): Generator<string> {
  for (const point of initialPoints(wanted)) yield pointKey(point);
  for (const point of strategies[wanted.strategy].propose(wanted))
    if (satisfies(wanted.space, point)) yield pointKey(point);
}

/**
 * The initial points, each completed by a draw of its own. One that does not lie in the space is passed over: those of
 * a spec were checked (resolve.ts), and a champion's may belong to a space that has changed since.
 */
export function initialPoints({ space, seed, initial }: Wanted): Parameters[] {
  return initial.map((point, index) => completed(space, seed, index, point)).filter((point) => point !== null);
}
