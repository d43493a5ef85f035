import { type ComparedSweep, type Comparison, compareSweeps } from '../sweep/compare.ts';
import type { ReportData } from './data.ts';

/** What the page of `sweep compare --html` knows: the comparison that the terminal prints, and of each sweep its trials. */
export interface ComparisonData {
  /** In the order in which they were named. */
  readonly sweeps: readonly ReportData[];
  readonly comparison: Comparison;
  /** ISO 8601. */
  readonly writtenAt: string;
}

export function comparisonData(
  sweeps: readonly { readonly compared: ComparedSweep; readonly report: ReportData }[],
  writtenAt: string,
): ComparisonData {
  return {
    sweeps: sweeps.map(({ report }) => report),
    comparison: compareSweeps(sweeps.map(({ compared }) => compared)),
    writtenAt,
  };
}
