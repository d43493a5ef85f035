import { type Space, unitFrom } from '../space/space.ts';
import type { TrialRecord } from '../trial/record.ts';

/** The results of one budget. */
export interface JudgedBudget {
  readonly epochs: number;
  readonly records: readonly TrialRecord[];
}

/** The number of parts into which a range is divided, each with the same number of trials. */
const PARTS = 4;
/** Every part must have at least this share of the results that it would have if nothing had been selected. */
const LEAST_SHARE = 0.25;
/** A part that expects fewer may be empty by chance. */
const LEAST_EXPECTED = 2;

/**
 * The results used to judge parameters: those of the largest budget that has `enough` of them and still covers the space as
 * the sweep did. Values of different budgets are not comparable, and at a large budget halving leaves only survivors, among
 * which a parameter that decided survival would seem irrelevant.
 * @param records every training of the search, at every budget
 * @returns null where no budget has enough
 */
export function judgedBudget(space: Space, records: readonly TrialRecord[], enough: number): JudgedBudget | null {
  const known = records.filter(({ value, confirms }) => value !== null && confirms === undefined);
  const candidates = [...new Set(known.map(({ epochs }) => epochs))]
    .map((epochs) => ({ epochs, records: known.filter((record) => record.epochs === epochs) }))
    .filter(({ records }) => records.length >= enough)
    .sort((a, b) => b.epochs - a.epochs);
  if (candidates.length < 2) return candidates[0] ?? null;
  const covers = coverage(space, known);
  const fallback = candidates.toSorted((a, b) => b.records.length - a.records.length)[0]!;
  return candidates.find((budget) => covers(budget.records)) ?? fallback;
}

/** Whether results lie in every part of the space in which the sweep has any. */
function coverage(space: Space, known: readonly TrialRecord[]): (records: readonly TrialRecord[]) => boolean {
  const trials = [...new Map(known.map((record) => [record.trial, record])).values()];
  const unitsOf = new Map(trials.map((record) => [record.trial, unitFrom(space, record.parameters)]));
  const partsOf = space.dimensions.map((_, d) => partition(trials.map(({ trial }) => unitsOf.get(trial)![d]!)));
  const countIn = (records: readonly TrialRecord[], d: number): Map<number, number> => {
    const counts = new Map<number, number>();
    for (const { trial } of records) {
      const part = partsOf[d]!(unitsOf.get(trial)![d]!);
      counts.set(part, (counts.get(part) ?? 0) + 1);
    }
    return counts;
  };
  const all = space.dimensions.map((_, d) => countIn(trials, d));
  return (records) =>
    all.every((counts, d) => {
      const here = countIn(records, d);
      return [...counts].every(([part, count]) => {
        const expected = (count / trials.length) * records.length;
        return expected < LEAST_EXPECTED || (here.get(part) ?? 0) >= LEAST_SHARE * expected;
      });
    });
}

/** Which part a value is in: few values are a part each, others are divided evenly; -1: the parameter is inactive. */
function partition(units: readonly (number | null)[]): (unit: number | null) => number {
  const sorted = units.filter((unit) => unit !== null).sort((a, b) => a - b);
  const distinct = [...new Set(sorted)];
  const bounds =
    distinct.length <= PARTS
      ? distinct.slice(1)
      : Array.from({ length: PARTS - 1 }, (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / PARTS)]!);
  return (unit) => (unit === null ? -1 : bounds.filter((bound) => unit >= bound).length);
}
