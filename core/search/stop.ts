import { type Goal, isBetter } from '../spec/goal.ts';
import { isWithinLimits } from '../spec/limits.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialRecord } from '../trial/record.ts';
import { newTrialCount, type RoundRecord } from './rounds.ts';

/** Why `search.stop` ends the search after these rounds, as a sentence; null if it continues. */
export function searchStop(spec: Spec, rounds: readonly RoundRecord[], records: readonly TrialRecord[]): string | null {
  const { stop } = spec.search;
  if (stop === undefined) return null;
  const { metric, goal } = spec.objective;
  const search = rounds.filter(({ kind }) => kind === 'search');
  const within = records.filter((record) => isWithinLimits(spec.objective, record));
  const now = bestAfter(search.at(-1), within, goal);
  if (now === null) return null;
  if (stop.value !== undefined && !isBetter(stop.value, now, goal))
    return `search.stop.value: ${metric} ${now} is as good as ${stop.value}`;
  if (stop.minImprovement === undefined) return null;
  const last = stop.rounds ?? 1;
  const before = bestAfter(search.at(-1 - last), within, goal);
  if (before === null) return null;
  const improved = goal === 'maximize' ? now - before : before - now;
  if (improved > 0 && improved >= stop.minImprovement) return null;
  return `search.stop.minImprovement: ${metric} improved by ${Number(improved.toPrecision(3))} in ${last === 1 ? 'the last round' : `${last} rounds`}, less than ${stop.minImprovement}`;
}

/** The best value of the search up to this round; null before the first value, and without such a round. */
function bestAfter(round: RoundRecord | undefined, records: readonly TrialRecord[], goal: Goal): number | null {
  if (round === undefined) return null;
  const end = round.first + newTrialCount(round);
  let best: number | null = null;
  for (const { trial: number, value, confirms } of records) {
    if (confirms !== undefined || value === null || number >= end) continue;
    if (best === null || isBetter(value, best, goal)) best = value;
  }
  return best;
}
