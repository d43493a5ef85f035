import * as z from 'zod';
import { type Goal, isBetter } from '../spec/goal.ts';
import type { BestSoFar } from './best-so-far.ts';
import type { Curve } from './curve.ts';

/** `rounds/<n>/medians.json`: the median best-so-far of the finished rounds' trials, by epoch from 1. */
export const mediansSchema = z.strictObject({ values: z.array(z.number()) });

export type Medians = z.output<typeof mediansSchema>;

/** With fewer curves than this a median says little. */
const MIN_CURVES = 3;

/**
 * What the median rule of Google Vizier (D. Golovin et al., KDD 2017) compares a trial with at each epoch, from the best
 * value so far instead of the running average. A curve that ended earlier counts with the best value it had reached.
 * @returns null while there are too few curves
 */
export function mediansOf(curves: readonly Curve[], goal: Goal, epochs: number): Medians | null {
  const finite = curves.filter((curve) => curve.some(([, value]) => value !== null));
  if (finite.length < MIN_CURVES) return null;
  const bests = finite.map((curve) => bestByEpoch(curve, goal, epochs));
  const values: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    // A curve without a value yet is worse than any that has one.
    const none = goal === 'maximize' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const sorted = bests.map((best) => best[epoch - 1] ?? none).sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
    values.push(Number.isFinite(median) ? median : (none < 0 ? -1 : 1) * Number.MAX_VALUE);
  }
  return { values };
}

/** Whether the best value so far is worse than the median at the same epoch. An epoch without a median stops nothing. */
export function isBelowMedian({ epoch, best }: BestSoFar, { values }: Medians, goal: Goal): boolean {
  const median = values[epoch - 1];
  return median !== undefined && (best === null || isBetter(median, best, goal));
}

function bestByEpoch(curve: Curve, goal: Goal, epochs: number): (number | null)[] {
  const best: (number | null)[] = [];
  let sofar: number | null = null;
  let place = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    for (; place < curve.length && curve[place]![0] <= epoch; place++) {
      const value = curve[place]![1];
      if (value !== null && (sofar === null || isBetter(value, sofar, goal))) sofar = value;
    }
    best.push(sofar);
  }
  return best;
}
