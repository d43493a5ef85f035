import type { EpochMetrics } from './metrics.ts';

/** A learning curve: the objective by epoch, null where it was not finite. At most CURVE_POINTS of them. */
export type Curve = readonly (readonly [epoch: number, value: number | null])[];

/** A result stays small; a longer curve keeps evenly spaced epochs, the last among them. */
export const CURVE_POINTS = 200;

export function curveOf(metrics: readonly EpochMetrics[], metric: string): [epoch: number, value: number | null][] {
  const points = metrics.flatMap(({ epoch, values }): [number, number | null][] => {
    const value = values[metric];
    return value === undefined ? [] : [[epoch, value]];
  });
  if (points.length <= CURVE_POINTS) return points;
  const stride = (points.length - 1) / (CURVE_POINTS - 1);
  return Array.from({ length: CURVE_POINTS }, (_, k) => points[Math.round(k * stride)]!);
}
