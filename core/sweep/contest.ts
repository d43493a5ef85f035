import { type ConfirmingResult, confirmationsOf } from '../search/confirm.ts';
import { compareByValue, compareTrials } from '../search/ranking.ts';
import { isWithinLimits } from '../spec/limits.ts';
import type { Spec } from '../spec/spec.ts';
import type { Best } from './best.ts';
import type { FoundResult } from './events.ts';

/** A result that enters the contest: of a search trial or, with `confirms`, of a run that confirms one. */
export type Entry = Omit<FoundResult, 'failureClass'>;

export interface Contender extends Pick<FoundResult, 'trial' | 'id' | 'parameters' | 'epoch' | 'epochs' | 'others'> {
  readonly value: number;
}

/** The candidates for winning a sweep that is still running. Bounded, however many trials there are. */
export interface Contest {
  /** The best by their own values, and those trained again with new seeds, best first. */
  readonly leaders: readonly Contender[];
  readonly again: readonly ConfirmingResult[];
  /** Results of the search looked at, and at which of them the best of their own values became what. */
  readonly judged: number;
  readonly improvements: readonly (readonly [judged: number, value: number])[];
}

export const EMPTY_CONTEST: Contest = { leaders: [], again: [], judged: 0, improvements: [] };

/** More than `search.confirm.top` needs, so that if a leader fails at a higher rung, the next one is known. */
const LEADERS = 16;

/** The contest after one more result. */
export function entered(contest: Contest, entry: Entry, spec: Spec): Contest {
  const { confirms, seed, value } = entry;
  if (confirms !== undefined) {
    const others = contest.again.filter((run) => run.confirms !== confirms || run.seed !== seed);
    return { ...contest, again: [...others, { confirms, value, ...(seed === undefined ? {} : { seed }) }] };
  }
  const judged = contest.judged + 1;
  const { trial, id, parameters, epoch, epochs, others: values } = entry;
  // Trained longer, a trial counts by its latest result, even a failure.
  const others = contest.leaders.filter((one) => one.trial !== trial || one.epochs > epochs);
  if (value === null) return { ...contest, judged, leaders: others };
  const compare = compareByValue(spec.objective);
  const valued = values === undefined ? { value } : { value, others: values };
  const mine: Contender = { trial, id, parameters, ...valued, epoch, epochs };
  const leaders = [...others, mine].sort(compare);
  const isFirst = leaders[0] === mine && isWithinLimits(spec.objective, mine);
  const retrained = new Set(contest.again.map((run) => run.confirms));
  const most = Math.max(LEADERS, spec.search.confirm?.top ?? 0);
  return {
    ...contest,
    judged,
    leaders: leaders.filter((one, place) => place < most || retrained.has(one.trial)),
    improvements: isFirst ? [...contest.improvements, [judged, value]] : contest.improvements,
  };
}

/** As in `best.json`: `value` is the mean over the new seeds if the trial was confirmed. */
export type Winner = Contender & Pick<Best, 'confirmed'>;

/** The current winner: the trial that the leaderboard would rank first. Null: none has a value within the limits. */
export function winnerOf({ leaders, again }: Contest, spec: Spec): Winner | null {
  const confirmations = confirmationsOf(spec, again);
  const [first] = leaders.toSorted(compareTrials(spec.objective, confirmations));
  if (first === undefined || !isWithinLimits(spec.objective, first)) return null;
  const confirmation = confirmations.get(first.trial);
  if (confirmation === undefined) return first;
  const { mean, spread, seeds } = confirmation;
  return { ...first, value: mean, confirmed: { spread, seeds: seeds.length } };
}
