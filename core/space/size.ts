import type { Dimension } from './dimension.ts';

/** Above this many points a space counts as infinite: enumerating it would take longer than training is worth. */
export const MAX_COUNTED_POINTS = 2_000_000;

/** A parent's value that no condition names. */
const OTHER = Symbol('other');
type Class = string | typeof OTHER | undefined;

/**
 * The exact number of distinct points, or Infinity when a continuous range can be active or there are more than
 * MAX_COUNTED_POINTS.
 *
 * Parameters that conditions tie together are counted together, and the groups' counts multiplied. Within a group only
 * the values that conditions name are told apart; a parent's other values count as one, weighted by their number. Each
 * combination counted stands for at least one point, so the work is bounded by MAX_COUNTED_POINTS as well.
 */
export function countPoints(dimensions: readonly Dimension[], order: readonly number[]): number {
  let points = 1;
  for (const group of groupsOf(dimensions, order)) {
    points *= countGroup(dimensions, group);
    if (!(points <= MAX_COUNTED_POINTS)) return Number.POSITIVE_INFINITY;
  }
  return points;
}

/** Dimensions that depend on each other, directly or through others; each group in the order of evaluation. */
export function groupsOf(dimensions: readonly Dimension[], order: readonly number[]): number[][] {
  const groupOf: number[][] = [];
  for (const index of order) {
    groupOf[index] = [index];
    for (const { parent } of dimensions[index]!.conditions) {
      const joined = groupOf[parent];
      if (joined === undefined || joined === groupOf[index]) continue;
      joined.push(...groupOf[index]!);
      for (const member of joined) groupOf[member] = joined;
    }
  }
  return [...new Set(Object.values(groupOf))].map((group) => order.filter((index) => group.includes(index)));
}

function countGroup(dimensions: readonly Dimension[], group: readonly number[]): number {
  const named = namedValues(dimensions, group);
  const classes: Class[] = [];
  let combinations = 0;
  const count = (position: number): number => {
    if (combinations > MAX_COUNTED_POINTS) return Number.POSITIVE_INFINITY;
    if (position === group.length) {
      combinations++;
      return 1;
    }
    const index = group[position]!;
    const dimension = dimensions[index]!;
    classes[index] = undefined;
    if (!dimension.conditions.every(({ parent, allowed }) => allowed.has(classes[parent] as string)))
      return count(position + 1);
    const values = named.get(index);
    if (values === undefined) return dimension.count * count(position + 1);
    let points = 0;
    for (const value of values) {
      classes[index] = value;
      points += count(position + 1);
    }
    classes[index] = OTHER;
    return dimension.count > values.length ? points + (dimension.count - values.length) * count(position + 1) : points;
  };
  return count(0);
}

/** For each parent, the values that conditions name. */
function namedValues(dimensions: readonly Dimension[], group: readonly number[]): Map<number, string[]> {
  const conditions = group.flatMap((index) => dimensions[index]!.conditions);
  const named = new Map<number, Set<string>>();
  for (const { parent, allowed } of conditions) named.set(parent, new Set([...allowed, ...(named.get(parent) ?? [])]));
  return new Map([...named].map(([parent, values]) => [parent, [...values]]));
}
