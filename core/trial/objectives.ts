import { isWithinLimits, type RankingObjective, tradedOff, type Valued } from '../spec/limits.ts';
import type { EpochMetrics } from './numbering.ts';

/**
 * The Pareto front: of the trials within the limits, those that no other one beats, being at least as good by every
 * objective without a limit and better by one. Empty with nothing to trade off. In the given order.
 */
export function frontOf<Trial extends Valued>(objective: RankingObjective, trials: readonly Trial[]): Trial[] {
  const traded = tradedOff(objective);
  if (traded.length === 0) return [];
  const sign = (goal: 'maximize' | 'minimize') => (goal === 'maximize' ? 1 : -1);
  const candidates = trials.flatMap((trial) => {
    const values = traded.map(({ metric, goal }) => sign(goal) * (trial.others?.[metric] ?? Number.NaN));
    const all = [sign(objective.goal) * (trial.value ?? Number.NaN), ...values];
    return isWithinLimits(objective, trial) && !all.some(Number.isNaN) ? [{ trial, values: all }] : [];
  });
  // A trial can only be beaten by one that comes before it in this order.
  const order = candidates.toSorted((a, b) => compareLists(b.values, a.values));
  const front: typeof candidates = [];
  for (const one of order) if (!front.some(({ values }) => beats(values, one.values))) front.push(one);
  const found = new Set(front.map(({ trial }) => trial));
  return trials.filter((trial) => found.has(trial));
}

const beats = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, index) => value >= b[index]!) && a.some((value, index) => value > b[index]!);

function compareLists(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, place) => value !== b[place]);
  return index === -1 ? 0 : a[index]! - b[index]!;
}

/**
 * The other objectives' values of a trial whose first one counts at `epoch`, so that all are of one model: the last value
 * reported up to it, else the first one after it, as of a metric that is measured once at the end. Null: none is finite.
 */
export function othersAt(
  { others = [] }: RankingObjective,
  metrics: readonly EpochMetrics[],
  epoch: number,
): Record<string, number | null> {
  return Object.fromEntries(
    others.map(({ metric }) => {
      const reported = metrics.filter(({ values }) => typeof values[metric] === 'number');
      const at = reported.findLast((line) => line.epoch <= epoch) ?? reported[0];
      return [metric, at?.values[metric] ?? null];
    }),
  );
}
