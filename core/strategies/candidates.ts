import { gridPoints, type Parameters, pointFrom, pointKey, type Space } from '../space.ts';
import { type Model, marginalAt } from './gaussian-process.ts';
import type { Training } from './kernel.ts';
import { normalScore } from './scores.ts';
import { sobolPoints } from './sobol.ts';
import { coordinatesOf, ranking } from './training.ts';

export interface Candidate {
  readonly parameters: Parameters;
  readonly coordinates: Float64Array;
}

interface Judged extends Candidate {
  readonly mean: number;
  readonly deviation: number;
}

export type Draw = (name: string, index: number, n: number) => Float64Array;

/** Of the best results, around how many new points are sought. */
const ELITES = 6;
/** Standard deviations that are added to the mean: what is good for sure, and what may be. */
const BOUNDS = [0, 1, 2, 3];

/** Where new points are sought. */
export interface Search {
  readonly space: Space;
  readonly training: Training;
  /** Keys of points that are no candidates. */
  readonly taken: ReadonlySet<string>;
  /** How many candidates. */
  readonly size: number;
  readonly draw: Draw;
}

/** Collects distinct points that are free. */
function collector(space: Space, taken: ReadonlySet<string>) {
  const candidates = new Map<string, Candidate>();
  const add = (parameters: Parameters) => {
    const key = pointKey(parameters);
    if (!taken.has(key) && !candidates.has(key))
      candidates.set(key, { parameters, coordinates: coordinatesOf(space, parameters) });
  };
  return { candidates, add };
}

/**
 * Of a space that is small enough to judge each of its points by each model: those that promise most by one of them, and
 * as many from all over the space, since what promises most lies close together.
 */
export function promising(search: Search, models: readonly Model[]): Candidate[] {
  const { space, taken, size } = search;
  const { candidates, add } = collector(space, taken);
  for (const parameters of gridPoints(space)) add(parameters);
  const all = [...candidates.values()];
  if (all.length <= size) return all;
  const chosen = new Map<string, Candidate>();
  const choose = (some: readonly Candidate[]) => {
    for (const candidate of some) chosen.set(pointKey(candidate.parameters), candidate);
  };
  for (const model of models) {
    const judged = all.map((one) => ({ ...one, ...marginalAt(model, one.coordinates) }));
    choose(highest(judged, Math.ceil(size / 2 / models.length)));
  }
  choose(candidatesOfAll({ ...search, size: size - chosen.size }));
  return [...chosen.values()];
}

/**
 * New points to choose among: a third spread evenly over the space, a third over the box that holds the best results,
 * which shrinks as they gather, and a third near one of the best, at every scale.
 */
export function candidatesOfAll({ space, training, taken, size, draw }: Search): Candidate[] {
  const { candidates, add } = collector(space, taken);
  const n = space.dimensions.length;
  const box = boxOf(space, training);
  const elites = elitesOf(training, ELITES);
  let index = 0;
  for (const unit of sobolPoints(n, Math.floor(draw('sobol', 0, 1)[0]! * 2 ** 32))) {
    if (index >= 3 * size || candidates.size >= size) break;
    if (index % 3 === 0) add(pointFrom(space, unit));
    else if (index % 3 === 1)
      add(
        pointFrom(
          space,
          unit.map((u, d) => box.low[d]! + u * (box.high[d]! - box.low[d]!)),
        ),
      );
    else {
      const elite = elites[Math.floor(index / 3) % elites.length]!;
      add(pointFrom(space, perturbed(space, elite, draw('near', index, 3 * n + 2), COARSE)));
    }
    index++;
  }
  return [...candidates.values()];
}

/** Some points, and new ones near them, so that each is as good as its neighbourhood allows. */
export function candidatesNear({ space, taken, size, draw }: Search, around: readonly Candidate[]): Candidate[] {
  const { candidates, add } = collector(space, taken);
  const n = space.dimensions.length;
  for (const { parameters } of around) add(parameters);
  for (let index = 0; index < 3 * size && candidates.size < size; index++) {
    const from = around[index % around.length]!.coordinates;
    add(pointFrom(space, perturbed(space, from, draw('nearer', index, 3 * n + 2), FINE)));
  }
  return [...candidates.values()];
}

function elitesOf(training: Training, count: number): Float64Array[] {
  return ranking(training)
    .slice(0, count)
    .map((index) => training.points[index]!);
}

/** The smallest box around the best tenth of the results (at least as many as dimensions, and 4), and a margin. */
function boxOf(space: Space, training: Training): { low: Float64Array; high: Float64Array } {
  const n = space.dimensions.length;
  const elites = elitesOf(training, Math.max(4, n, Math.ceil(training.points.length / 10)));
  const low = new Float64Array(n);
  const high = new Float64Array(n).fill(1);
  for (let d = 0; d < n; d++) {
    const there = elites.map((point) => point[d]!).filter((coordinate) => !Number.isNaN(coordinate));
    if (there.length < 2 || !space.dimensions[d]!.ordered) continue;
    const [least, most] = [Math.min(...there), Math.max(...there)];
    const margin = Math.max((most - least) * 0.1, 0.02);
    low[d] = Math.max(0, least - margin);
    high[d] = Math.min(1, most + margin);
  }
  return { low, high };
}

/** The highest by each bound in turn. */
function highest(judged: readonly Judged[], size: number): Judged[] {
  if (judged.length <= size) return [...judged];
  const ranked = BOUNDS.map((bound) => {
    const height = (one: Judged) => one.mean + bound * one.deviation;
    return judged.toSorted((a, b) => height(b) - height(a));
  });
  const chosen = new Set<Judged>();
  for (let place = 0; chosen.size < size; place++)
    for (const ranks of ranked) if (chosen.size < size) chosen.add(ranks[place]!);
  return [...chosen];
}

/** Steps away from a point: their widths as shares of the whole range, and in how many dimensions, at least 30 %. */
interface Steps {
  readonly widest: number;
  readonly narrowest: number;
  readonly moves: number;
}
const COARSE: Steps = { widest: 0.3, narrowest: 0.02, moves: 4 };
const FINE: Steps = { widest: 0.15, narrowest: 0.005, moves: 3 };
const LEAST_SHARE = 0.3;

/** A point near another: some dimensions move, at least one. `units`: 3 a dimension and 2. */
function perturbed(space: Space, from: Float64Array, units: Float64Array, steps: Steps): Float64Array {
  const { widest, narrowest, moves } = steps;
  const n = space.dimensions.length;
  const width = widest * (narrowest / widest) ** units[3 * n]!;
  const certain = Math.floor(units[3 * n + 1]! * n);
  const share = Math.max(LEAST_SHARE, Math.min(1, moves / n));
  return from.map((coordinate, d) => {
    const [move, step, anywhere] = [units[d]!, units[n + d]!, units[2 * n + d]!];
    if (Number.isNaN(coordinate)) return anywhere;
    if (d !== certain && move > share) return coordinate;
    const { ordered, count } = space.dimensions[d]!;
    if (!ordered) return d === certain || move < share / 2 ? anywhere : coordinate;
    // A step smaller than a cell would go nowhere.
    const moved = coordinate + Math.max(width, 0.75 / count) * normalScore(Math.max(step, 2 ** -53));
    return reflected(moved);
  });
}

/** Back into [0, 1] by reflection at the ends, so that they are no traps. */
function reflected(unit: number): number {
  const folded = Math.abs(unit) % 2;
  return folded > 1 ? 2 - folded : folded;
}
