import type { DueRound } from '../search/next-round.ts';
import { compareByValue } from '../search/ranking.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialRecord } from '../trial/record.ts';

/** For a ranked trial: whether the model named in its result is in the store. */
export interface RankedModel {
  readonly record: TrialRecord;
  readonly isThere: boolean;
}

export interface Judgement {
  /** Every trial of the search so far, the best first. */
  readonly ranked: readonly RankedModel[];
  /** The round that follows from those so far; null: none. */
  readonly due: Pick<DueRound, 'kind'> | null;
  /** Whether no round after these was planned, by this execution or an earlier one. */
  readonly isLast: boolean;
  /** Whether the sweep ends here as failed. */
  readonly failed: boolean;
}

/**
 * Which trials keep their models once a round was judged: the best `keep.models` of those that still have one, so that
 * ranking by another objective and back again loses none. Null: no model goes, because the best may not be known yet:
 * - later rounds were planned before, and hold results that are not ranked here (the sweep is resumed or run again);
 * - the sweep fails, or no trial has a value: what is wrong, such as a misspelt metric, may be put right;
 * - rungs are to come: when the trials that went on fail, one that stayed behind is the best.
 * @returns trial ids
 */
export function modelsToKeep(
  spec: Pick<Spec, 'keep' | 'search' | 'objective'>,
  { ranked, due, isLast, failed }: Judgement,
): ReadonlySet<string> | null {
  const { strategy, confirm } = spec.search;
  if (!isLast || failed || !ranked.some(({ record }) => record.value !== null)) return null;
  if (due !== null && strategy === 'halving') return null;
  const kept = ranked.filter(({ isThere }) => isThere).slice(0, spec.keep.models);
  // Confirmed, any of these may become the best.
  const candidates =
    due === null || confirm === undefined
      ? []
      : ranked
          .map(({ record }) => record)
          .toSorted(compareByValue(spec.objective))
          .slice(0, confirm.top);
  return new Set([...kept.map(({ record }) => record.id), ...candidates.map(({ id }) => id)]);
}
