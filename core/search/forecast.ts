import { bracketsOf } from '../spec/rungs.ts';
import type { Spec } from '../spec/spec.ts';
import { type RoundRecord, roundSize } from './rounds.ts';

/** The rounds to come of a sweep, before any of them is planned. */

/** A round of a sweep in which nothing fails and nothing stops early. */
export interface ForeseenRound {
  readonly kind: RoundRecord['kind'];
  readonly trials: number;
  readonly epochs: number;
}

/** Every round that a spec may lead to, in order. */
export function foreseenRounds(spec: Spec): ForeseenRound[] {
  const { trials, confirm } = spec.search;
  const { epochs } = spec.training;
  const rounds: ForeseenRound[] = [];
  if (spec.search.strategy === 'halving') {
    for (const rungs of bracketsOf(spec)) {
      for (const [rung, { size, epochs: budget }] of rungs.entries())
        rounds.push({ kind: rung === 0 ? 'search' : 'rung', trials: size, epochs: budget });
    }
  } else {
    for (let planned = 0; planned < trials; planned += rounds.at(-1)!.trials)
      rounds.push({ kind: 'search', trials: roundSize(spec, rounds.length, planned), epochs });
  }
  if (confirm !== undefined) {
    const full = rounds.reduce((sum, round) => sum + (round.epochs === epochs ? round.trials : 0), 0);
    rounds.push({ kind: 'confirm', trials: Math.min(confirm.top, full) * confirm.seeds, epochs });
  }
  return rounds;
}

/** Distinct trials of those rounds: a rung has none of its own. */
export const foreseenTrials = (spec: Spec): number =>
  foreseenRounds(spec).reduce((sum, { kind, trials }) => sum + (kind === 'rung' ? 0 : trials), 0);
