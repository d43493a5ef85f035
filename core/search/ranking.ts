import type { Goal } from '../spec/goal.ts';
import type { TrialRecord } from '../trial/record.ts';
import type { Confirmation } from './confirm.ts';

type Compare = (a: TrialRecord, b: TrialRecord) => number;

/** More epochs first, then the better value; ties, and failed trials among themselves, in the order of proposal. */
export function compareByValue(goal: Goal): Compare {
  return compareTrials(goal, new Map());
}

/**
 * As `compareByValue`, but trials that were confirmed under every new seed come before those of as many epochs that were
 * not, and are compared by the mean.
 */
export function compareTrials(goal: Goal, confirmations: ReadonlyMap<number, Confirmation>): Compare {
  const direction = goal === 'maximize' ? -1 : 1;
  const mean = ({ trial }: TrialRecord): number | null => {
    const confirmation = confirmations.get(trial);
    return confirmation?.seeds.every(({ value }) => value !== null) ? confirmation.mean : null;
  };
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
