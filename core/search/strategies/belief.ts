import type { Dimension, Space } from '../../space/space.ts';
import type { Training } from './gaussian-process/kernel.ts';
import type { Posterior } from './gaussian-process/posterior.ts';

/** Beliefs about parameters (`prior`), as C. Hvarfner et al., "pi-BO" (ICLR 2022), and N. Mallik et al., "PriorBand" (NeurIPS 2023). */

/** Half of what a belief about an ordered parameter draws lies within this share of the range on each side. */
const HALF_WITHIN = { low: 0.15, medium: 0.07, high: 0.03 } as const;
/** How many times as probable as another the value of an unordered list is. */
const TIMES = { low: 2, medium: 5, high: 15 } as const;

/** How a belief spreads over [0, 1]. */
interface Belief {
  /** Its density at a coordinate; 1 is that of an even draw. */
  density(coordinate: number): number;
  /** The place that an even draw becomes. */
  quantile(unit: number): number;
}

/** Null without a belief. */
function beliefOf({ prior, ordered, count }: Dimension): Belief | null {
  if (prior === null || count === 1) return null;
  if (ordered) return aroundPlace(prior.unit, Math.max(HALF_WITHIN[prior.confidence], 0.25 / count));
  return onValue(Math.min(count - 1, Math.floor(prior.unit * count)), count, TIMES[prior.confidence]);
}

/** Cauchy's distribution between 0 and 1: its tails are so heavy that no place is ruled out. */
function aroundPlace(centre: number, width: number): Belief {
  const least = Math.atan(-centre / width);
  const span = Math.atan((1 - centre) / width) - least;
  return {
    density: (coordinate) => 1 / (width * span * (1 + ((coordinate - centre) / width) ** 2)),
    quantile: (unit) => Math.min(1, Math.max(0, centre + width * Math.tan(least + unit * span))),
  };
}

function onValue(index: number, count: number, times: number): Belief {
  const share = times / (times + count - 1);
  const other = (1 - share) / (count - 1);
  return {
    density: (coordinate) => count * (Math.min(count - 1, Math.floor(coordinate * count)) === index ? share : other),
    quantile: (unit) => {
      if (unit < share) return (index + 0.5) / count;
      const place = Math.min(count - 2, Math.floor((unit - share) / other));
      return (place + (place >= index ? 1.5 : 0.5)) / count;
    },
  };
}

/** A point of the unit cube, drawn evenly, as the beliefs would have it drawn. */
export function asBelieved({ dimensions }: Space, unit: Float64Array): Float64Array {
  return unit.map((u, d) => beliefOf(dimensions[d]!)?.quantile(u) ?? u);
}

/** The point with every value that is believed in itself. */
export function asBelievedMost({ dimensions }: Space, unit: Float64Array): Float64Array {
  return unit.map((u, d) => dimensions[d]!.prior?.unit ?? u);
}

/** How much a belief that explains all of the results counts, in the scores' unit, when there is one result. */
const STRENGTH = 10;

/**
 * What is added to the expectations at each of the coordinates, in the scores' unit: the logarithm of what is believed,
 * by the share of the results' variation that it explains, and ever less as results come. One that they speak against
 * counts for nothing. Null where no belief counts.
 */
export function bonusOf(
  { dimensions }: Space,
  { points, z }: Training,
  coordinates: readonly Float64Array[],
): Float64Array | null {
  const bonus = new Float64Array(coordinates.length);
  let counts = false;
  dimensions.forEach((dimension, d) => {
    const belief = beliefOf(dimension);
    if (belief === null) return;
    // An inactive parameter tells nothing of the belief about it.
    const believed = (point: Float64Array) => (Number.isNaN(point[d]!) ? 0 : Math.log(belief.density(point[d]!)));
    const weight = (STRENGTH / points.length) * explained(points.map(believed), z);
    if (weight === 0) return;
    counts = true;
    coordinates.forEach((point, index) => {
      bonus[index]! += weight * believed(point);
    });
  });
  return counts ? bonus : null;
}

/** The share of the variation in `z` that rises with `x`: the square of their correlation, 0 where it is not positive. */
function explained(x: readonly number[], z: Float64Array): number {
  const n = z.length;
  const meanX = x.reduce((sum, value) => sum + value, 0) / n;
  const meanZ = z.reduce((sum, value) => sum + value, 0) / n;
  let [xx, zz, xz] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dz] = [x[i]! - meanX, z[i]! - meanZ];
    xx += dx * dx;
    zz += dz * dz;
    xz += dx * dz;
  }
  return xz > 0 ? (xz * xz) / (xx * zz) : 0;
}

/** Whether the results speak for any of the beliefs. */
export const isBorneOut = (space: Space, training: Training): boolean => bonusOf(space, training, []) !== null;

/** The posterior with a bonus on every draw's values. */
export function withBonus(drawn: Posterior, bonus: Float64Array | null): Posterior {
  if (bonus === null) return drawn;
  return { draw: (normals) => drawn.draw(normals).map((value, index) => value + bonus[index]!) };
}
