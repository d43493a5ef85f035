import { uniforms } from '../base/random.ts';
import type { ParameterSpec } from './parameter.ts';
import {
  buildSpace,
  demandsOf,
  isActive,
  type Parameters,
  parametersOf,
  pointFrom,
  type Row,
  type Space,
  satisfies,
} from './space.ts';

/** So often is drawn for a part of a point before its space counts as having no such point. */
const MAX_DRAWS = 10_000;

/**
 * The point with what it leaves out drawn, so that all it gives is active and every constraint is kept; null when it does
 * not lie in the space, or no such point is found. `index`: its place among the points that are completed.
 */
export function completed(space: Space, seed: number, index: number, point: Parameters): Parameters | null {
  const demands = demandsOf(space, point);
  if ('reason' in demands || !satisfies(space, point)) return null;
  const { dimensions, order } = space;
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const units = uniforms(seed, draw === 0 ? 'initial' : `initial/${draw}`, index, dimensions.length);
    const row: Row = new Array(dimensions.length).fill(undefined);
    for (const place of order) {
      const dimension = dimensions[place]!;
      if (!isActive(dimension, row)) continue;
      const given = demands.given[place];
      const among = demands.restricted[place];
      const unit = units[place]!;
      row[place] = given !== undefined ? given : among ? among[Math.floor(unit * among.length)] : dimension.draw(unit);
    }
    const whole = parametersOf(space, row);
    if (satisfies(space, whole)) return whole;
  }
  return null;
}

/** Points drawn to see how much of a space its constraints leave, and how many of them must keep to them all. */
const SAMPLE = 20_000;
const LEAST_KEPT = 20;

export interface Share {
  readonly drawn: number;
  readonly kept: number;
}

/** Of points drawn evenly, how many keep to the constraints; it draws no longer than it takes to tell by about a tenth. */
export function shareKept(space: Space): Share {
  const { length } = space.dimensions;
  let kept = 0;
  for (let drawn = 0; drawn < SAMPLE; drawn++) {
    if (kept >= 5 * LEAST_KEPT) return { drawn, kept };
    if (satisfies(space, pointFrom(space, uniforms(0, 'constraints', drawn, length)))) kept++;
  }
  return { drawn: SAMPLE, kept };
}

/** Whether too little is left to find points in by drawing them. */
export const isTooSmall = ({ kept }: Share): boolean => kept < LEAST_KEPT;

/** What constraints leave of a space. */
export interface SpaceLeft {
  /** The points that are left, and all of them; null where they cannot be counted. */
  readonly points: number | null;
  readonly of: number | null;
  /** As a share of all; measured by drawing where it cannot be counted. */
  readonly share: number;
}

export function spaceLeft({ space, constraints }: Searched): SpaceLeft | null {
  if (constraints === undefined) return null;
  const left = buildSpace(space, constraints);
  if (left.size === Number.POSITIVE_INFINITY) {
    const { drawn, kept } = shareKept(left);
    return { points: null, of: null, share: kept / drawn };
  }
  const of = buildSpace(space).size;
  return { points: left.size, of, share: left.size / of };
}

interface Searched {
  readonly space: Readonly<Record<string, ParameterSpec>>;
  readonly constraints?: readonly string[] | undefined;
}
