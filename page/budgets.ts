import type { Sweep, Trial } from './sweep.ts';
import { type Domain, domainOf } from './variables.ts';

/** Trials at one budget, which compare with each other. */
export interface Budget {
  /** Null: the sweep's only one. */
  readonly epochs: number | null;
  /** Best first. */
  readonly ranked: readonly Trial[];
  /** What a trial is judged by at this budget; null where it has no value there. */
  readonly judgedBy: (trial: Trial) => number | null;
  /** The same without the confirming runs: what its own run reached. */
  readonly ownOf: (trial: Trial) => number | null;
  readonly domain: Domain;
  /** Different values, 2 meaning "at least 2". */
  readonly distinct: number;
  /** How many lie beyond the domain. */
  readonly beyond: number;
}

/** Fewer results make no chart worth starting with. */
const ENOUGH = 10;

/** The budgets of the sweep, the largest first, and the one to begin with: that which importance rests on. */
export function budgetsOf(sweep: Sweep): { readonly all: readonly Budget[]; readonly first: number } {
  const { budgets, importanceBasis } = sweep.data;
  if (budgets.length === 0)
    return {
      all: [
        budgetOf(
          sweep,
          null,
          sweep.ranked,
          (trial) => trial.value,
          (trial) => trial.searchValue,
        ),
      ],
      first: 0,
    };
  const all = budgets.map(({ epochs, of, values }) => {
    const own = new Map(of.map((place, index) => [sweep.trials[place]!, values[index]!]));
    const judgedBy = (trial: Trial) =>
      trial.epochs === epochs && trial.confirmed !== null ? trial.value : ownOf(trial);
    const ownOf = (trial: Trial) => own.get(trial) ?? null;
    return budgetOf(sweep, epochs, [...own.keys()], judgedBy, ownOf);
  });
  const judged = all.findIndex(({ epochs }) => epochs === importanceBasis?.epochs);
  const enough = all.findIndex(({ ranked }) => ranked.length >= ENOUGH);
  const most = Math.max(...all.map(({ ranked }) => ranked.length));
  const first = [judged, enough].find((index) => index >= 0) ?? all.findIndex(({ ranked }) => ranked.length === most);
  return { all, first };
}

function budgetOf(
  { maximize }: Sweep,
  epochs: number | null,
  trials: readonly Trial[],
  judgedBy: Budget['judgedBy'],
  ownOf: Budget['ownOf'],
): Budget {
  const sign = maximize ? -1 : 1;
  // One budget alone is ranked already: confirmed trials come first, whatever the others reached.
  const ranked = epochs === null ? trials : trials.toSorted((a, b) => sign * (judgedBy(a)! - judgedBy(b)!));
  const values = trials.flatMap((trial) => [judgedBy(trial)!]);
  const domain = domainOf(values, maximize);
  const [low, high] = domain.extent;
  return {
    epochs,
    ranked,
    judgedBy,
    ownOf,
    domain,
    distinct: Math.min(2, new Set(values).size),
    beyond: values.filter((value) => value < low || value > high).length,
  };
}
