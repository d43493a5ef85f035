import { isWithinLimits, type RankingObjective, type Valued } from '../spec/limits.ts';
import type { TrialRecord } from '../trial/record.ts';
import type { Confirmation } from './confirm.ts';

type Ranked = Pick<TrialRecord, 'trial' | 'epochs'> & Valued;
type Compare = (a: Ranked, b: Ranked) => number;

/** Those within the limits first, of those more epochs, then the better value; ties, and failed trials among themselves, in the order of proposal. */
export function compareByValue(objective: RankingObjective): Compare {
  return compareTrials(objective, new Map());
}

/**
 * As `compareByValue`, but confirmed trials come before those of as many epochs that are not, and are compared by the mean.
 * The one order by which a sweep has a winner, wherever it is shown.
 */
export function compareTrials(objective: RankingObjective, confirmations: ReadonlyMap<number, Confirmation>): Compare {
  const direction = objective.goal === 'maximize' ? -1 : 1;
  const mean = ({ trial: number }: Ranked): number | null => confirmations.get(number)?.mean ?? null;
  return (a, b) => {
    if (a.value === null || b.value === null) {
      return Number(a.value === null) - Number(b.value === null) || a.trial - b.trial;
    }
    if (objective.others !== undefined) {
      const beyond = Number(!isWithinLimits(objective, a)) - Number(!isWithinLimits(objective, b));
      if (beyond !== 0) return beyond;
    }
    if (a.epochs !== b.epochs) return b.epochs - a.epochs;
    const [ofA, ofB] = [mean(a), mean(b)];
    if (ofA === null || ofB === null) {
      return Number(ofA === null) - Number(ofB === null) || direction * (a.value - b.value) || a.trial - b.trial;
    }
    return direction * (ofA - ofB) || a.trial - b.trial;
  };
}
