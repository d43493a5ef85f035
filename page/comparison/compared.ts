import type { ReportData } from '../../core/report/data.ts';
import { type Budget, budgetsOf } from '../budgets.ts';
import { readSweep, type Sweep } from '../sweep.ts';

/** A sweep among those that are compared. */
export interface Compared {
  readonly sweep: Sweep;
  /** At its largest budget, which is what its best trial is judged by. */
  readonly budget: Budget;
  readonly color: string;
  /** Whether its values compare with those of the first sweep. */
  readonly isComparable: boolean;
}

const COLORS = 5;

export function comparedSweeps(sweeps: readonly ReportData[]): Compared[] {
  const all = sweeps.map(readSweep);
  const [first] = all;
  return all.map((sweep, index) => ({
    sweep,
    budget: budgetsOf(sweep).all[0]!,
    color: `lit${index % COLORS}${index < COLORS ? '' : ' dashed'}`,
    isComparable: sweep.metric === first!.metric && sweep.maximize === first!.maximize,
  }));
}

/** Names the sweeps that a chart leaves out, and why; empty where it has all. */
export function leftOut(compared: readonly Compared[], drawn: readonly Compared[]): string {
  const ids = (some: readonly Compared[]) => some.map(({ sweep }) => sweep.data.sweepId).join(', ');
  const others = compared.filter((one) => !one.isComparable);
  const empty = compared.filter((one) => one.isComparable && !drawn.includes(one));
  return [
    ...(others.length === 0 ? [] : [` Without ${ids(others)}: another objective.`]),
    ...(empty.length === 0 ? [] : [` Without ${ids(empty)}: nothing to draw.`]),
  ].join('');
}

/** `digits-1a2b at 27 epochs` where it has several budgets. */
export const nameOf = ({ sweep, budget }: Compared): string =>
  `${sweep.data.sweepId}${budget.epochs === null ? '' : ` at ${budget.epochs} epochs`}`;
