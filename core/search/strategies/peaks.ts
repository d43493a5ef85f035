import type { Dimension } from '../../space/dimension.ts';
import { type Parameters, pointFrom, type Space, satisfies } from '../../space/space.ts';
import type { Training } from './gaussian-process/kernel.ts';
import { normalScore } from './scores.ts';

/** What is drawn for `name` and `index`: `n` numbers in [0, 1). */
export type Draw = (name: string, index: number, n: number) => Float64Array;

/** The points that the model is asked for, and how it sees one. */
interface Climb {
  readonly space: Space;
  readonly training: Training;
  /** What the model expects at a place. */
  readonly mean: (coordinates: Float64Array) => number;
  readonly coordinatesOf: (parameters: Parameters) => Float64Array;
  readonly draw: Draw;
}

/** A dimension of fewer values than this is coarse: most candidates differ in it by a step that the model feels. */
export const COARSE = 16;
/** From how many of the best results the model is climbed. */
const STARTS = 3;
/** Each climb takes steps of these widths, as shares of the range, and tries so many of each. */
const STEPS = 10;
const TRIES = 24;
const FIRST_WIDTH = 0.2;
const NARROWING = 0.65;

/** Whether a space has a range fine enough that the best place in it lies between the candidates. */
export const hasFineRange = ({ dimensions }: Space): boolean => dimensions.some(isFine);

/** Whether a dimension is a range, or as many values in order. */
export const isFine = ({ ordered, count }: Pick<Dimension, 'ordered' | 'count'>): boolean => ordered && count >= COARSE;

/**
 * Where the model expects the most, as far as it can be climbed from each of the best results: places finer than any
 * that are drawn at random, since hundreds of points are far apart in six dimensions. Each climb takes the best of some
 * steps, narrower every time.
 */
export function peaksOf({ space, training: { points, z }, mean, coordinatesOf, draw }: Climb): Float64Array[] {
  const best = [...points.keys()].sort((a, b) => z[b]! - z[a]! || a - b).slice(0, STARTS);
  return best.map((start, climb) => {
    let place = points[start]!;
    let height = mean(place);
    for (let step = 0, width = FIRST_WIDTH; step < STEPS; step++, width *= NARROWING) {
      const from = place;
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const units = draw('climb', (climb * STEPS + step) * TRIES + attempt, unitsOfStep(space));
        const point = pointFrom(space, moved(space, from, width, units));
        if (!satisfies(space, point)) continue;
        const there = coordinatesOf(point);
        const expected = mean(there);
        if (expected > height) [place, height] = [there, expected];
      }
    }
    return place;
  });
}

/** How many numbers `moved` takes: 3 a dimension, one that is left to the caller, to choose the width by, and one more. */
export const unitsOfStep = ({ dimensions }: Space): number => 3 * dimensions.length + 2;

/**
 * A point near another: some dimensions move, at least one.
 * @param width of a step, as a share of the range
 * @param units `unitsOfStep` of them, in [0, 1)
 */
export function moved(space: Space, from: Float64Array, width: number, units: Float64Array): Float64Array {
  const n = space.dimensions.length;
  const certain = Math.floor(units[3 * n + 1]! * n);
  const share = Math.max(0.3, Math.min(1, (hasFineRange(space) ? 3 : 4) / n));
  return from.map((coordinate, d) => {
    const [move, step, anywhere] = [units[d]!, units[n + d]!, units[2 * n + d]!];
    if (Number.isNaN(coordinate)) return anywhere;
    if (d !== certain && move > share) return coordinate;
    const { ordered, count } = space.dimensions[d]!;
    if (!ordered) return d === certain || move < share / 2 ? anywhere : coordinate;
    // A step smaller than a cell would go nowhere.
    return reflected(coordinate + Math.max(width, 0.75 / count) * normalScore(Math.max(step, 2 ** -53)));
  });
}

/** Back into [0, 1] by reflection at the ends, so that they are no traps. */
function reflected(unit: number): number {
  const folded = Math.abs(unit) % 2;
  return folded > 1 ? 2 - folded : folded;
}
