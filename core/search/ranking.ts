import type { Goal } from '../spec/goal.ts';
import type { TrialRecord } from '../trial/record.ts';
import type { Confirmation } from './confirm.ts';

type Ranked = Pick<TrialRecord, 'trial' | 'value' | 'epochs'>;
type Compare = (a: Ranked, b: Ranked) => number;

/** More epochs first, then the better value; ties, and failed trials among themselves, in the order of proposal. */
export function compareByValue(goal: Goal): Compare {
  return compareTrials(goal, new Map());
}

/**
 * As `compareByValue`, but confirmed trials come before those of as many epochs that are not, and are compared by the mean.
 * The one order by which a sweep has a winner, wherever it is shown.
 */
export function compareTrials(goal: Goal, confirmations: ReadonlyMap<number, Confirmation>): Compare {
  const direction = goal === 'maximize' ? -1 : 1;
  const mean = ({ trial: number }: Ranked): number | null => confirmations.get(number)?.mean ?? null;
  return (a, b) => {
    if (a.value === null || b.value === null) {
      return Number(a.value === null) - Number(b.value === null) || a.trial - b.trial;
    }
    if (a.epochs !== b.epochs) return b.epochs - a.epochs;
    const [ofA, ofB] = [mean(a), mean(b)];
    if (ofA === null || ofB === null) {
      return Number(ofA === null) - Number(ofB === null) || direction * (a.value - b.value) || a.trial - b.trial;
    }
    return direction * (ofA - ofB) || a.trial - b.trial;
  };
}
