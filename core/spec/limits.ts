import { isBetter } from './goal.ts';
import type { Spec } from './spec.ts';

/** A trial's values of the objectives after the first, by metric. */
export type OtherValues = Readonly<Record<string, number>>;

/** As much of the objective as ranking takes. */
export type RankingObjective = Pick<Spec['objective'], 'goal' | 'others'>;

/** What is ranked of a trial: its value of the first objective, and of the others where there are any. */
export interface Valued {
  readonly value: number | null;
  readonly others?: OtherValues | undefined;
}

/** The metrics by which a trial is beyond a limit, so that it cannot win. One whose value is not known is beyond. */
export function beyondLimits({ others = [] }: RankingObjective, values: OtherValues | undefined): string[] {
  return others.flatMap(({ metric, goal, limit }) => {
    if (limit === undefined) return [];
    const value = values?.[metric];
    return value === undefined || isBetter(limit, value, goal) ? [metric] : [];
  });
}

/** Whether a trial can win. The one rule of limits, wherever trials are ranked, promoted or learned from. */
export const isWithinLimits = (objective: RankingObjective, { value, others }: Valued): boolean =>
  value !== null && (objective.others === undefined || beyondLimits(objective, others).length === 0);

/** Metrics that are traded off against the first objective. */
export const tradedOff = ({ others = [] }: RankingObjective) => others.filter(({ limit }) => limit === undefined);
