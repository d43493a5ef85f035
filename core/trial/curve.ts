import type { EpochMetrics } from './numbering.ts';

/** A learning curve: the objective by epoch, null where it was not finite. At most CURVE_POINTS of them. */
export type Curve = readonly (readonly [epoch: number, value: number | null])[];

/** A result stays small; a longer curve keeps evenly spaced epochs, the last among them. */
export const CURVE_POINTS = 200;

export function curveOf(metrics: readonly EpochMetrics[], metric: string): [epoch: number, value: number | null][] {
  const points = metrics.flatMap(({ epoch, values }): [number, number | null][] => {
    const value = values[metric];
    return value === undefined ? [] : [[epoch, value]];
  });
  return thinned(points, CURVE_POINTS);
}

/** At most `max` of the points, evenly spaced, the first and the last among them. */
export function thinned<Point>(points: readonly Point[], max: number): Point[] {
  if (points.length <= max) return [...points];
  const stride = (points.length - 1) / (max - 1);
  return Array.from({ length: max }, (_, index) => points[Math.round(index * stride)]!);
}
