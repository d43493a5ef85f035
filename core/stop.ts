import type { TrialRecord } from './leaderboard.ts';
import { newTrials, type RoundRecord } from './rounds.ts';
import type { Spec } from './spec.ts';

/** Why `search.stop` ends the search after these rounds, as a sentence; null when it goes on. */
export function searchStop(spec: Spec, rounds: readonly RoundRecord[], records: readonly TrialRecord[]): string | null {
  const { stop } = spec.search;
  if (stop === undefined) return null;
  const { metric, goal } = spec.objective;
  const better = (a: number, b: number) => (goal === 'maximize' ? a - b : b - a);
  const bests = bestAfterRounds(rounds, records, better);
  const now = bests.at(-1);
  if (now === undefined || now === null) return null;
  if (stop.value !== undefined && better(now, stop.value) >= 0)
    return `search.stop.value: ${metric} ${now} is as good as ${stop.value}`;
  if (stop.minImprovement === undefined) return null;
  const within = stop.rounds ?? 1;
  const before = bests.at(-1 - within);
  if (before === undefined || before === null) return null;
  const improved = better(now, before);
  if (improved > 0 && improved >= stop.minImprovement) return null;
  return `search.stop.minImprovement: ${metric} improved by ${Number(improved.toPrecision(3))} in ${within === 1 ? 'the last round' : `${within} rounds`}, less than ${stop.minImprovement}`;
}

/** The best value after each round of the search; null before the first value. */
function bestAfterRounds(
  rounds: readonly RoundRecord[],
  records: readonly TrialRecord[],
  better: (a: number, b: number) => number,
): (number | null)[] {
  const search = rounds.filter(({ kind }) => kind === 'search');
  return search.map((_, index) => {
    const last = search[index]!;
    const end = last.first + newTrials(last);
    let best: number | null = null;
    for (const { trial, value, confirms } of records) {
      if (confirms !== undefined || value === null || trial >= end) continue;
      if (best === null || better(value, best) > 0) best = value;
    }
    return best;
  });
}
