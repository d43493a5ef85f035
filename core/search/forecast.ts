import { bracketsOf, expectedUnits } from '../spec/rungs.ts';
import type { Spec } from '../spec/spec.ts';
import { type RoundRecord, roundSize } from './rounds.ts';

/** The rounds to come of a sweep, before any of them is planned. */

/** A round of a sweep in which nothing fails and nothing stops early. */
export interface ForeseenRound {
  readonly kind: RoundRecord['kind'];
  readonly trials: number;
  readonly epochs: number;
  /** Epochs of them all, where that is not `trials` times `epochs` less those of the round before. */
  readonly work?: number;
}

/** Every round that a spec may lead to, in order. */
export function foreseenRounds(spec: Spec): ForeseenRound[] {
  const { trials, confirm } = spec.search;
  const { epochs } = spec.training;
  const rounds: ForeseenRound[] = [];
  if (spec.search.asynchronous) {
    rounds.push({ kind: 'asynchronous', trials: expectedUnits(spec), epochs, work: searchWork(spec) });
  } else if (spec.search.strategy === 'halving') {
    for (const rungs of bracketsOf(spec)) {
      for (const [rung, { size, epochs: budget }] of rungs.entries())
        rounds.push({ kind: rung === 0 ? 'search' : 'rung', trials: size, epochs: budget });
    }
  } else {
    for (let planned = 0; planned < trials; planned += rounds.at(-1)!.trials)
      rounds.push({ kind: 'search', trials: roundSize(spec, rounds.length, planned), epochs });
  }
  if (confirm !== undefined) {
    const full = fullTrainings(spec, rounds);
    rounds.push({ kind: 'confirm', trials: Math.min(confirm.top, full) * confirm.seeds, epochs });
  }
  return rounds;
}

/** Epochs of an asynchronous search. */
function searchWork(spec: Spec): number {
  if (spec.search.strategy !== 'halving') return spec.search.trials * spec.training.epochs;
  const brackets = bracketsOf(spec).map((rungs) =>
    rungs.reduce((sum, { size, epochs }, rung) => sum + size * (epochs - (rungs[rung - 1]?.epochs ?? 0)), 0),
  );
  return brackets.reduce((sum, work) => sum + work, 0);
}

/** Those that reach the full budget. */
function fullTrainings(spec: Spec, rounds: readonly ForeseenRound[]): number {
  if (spec.search.asynchronous && spec.search.strategy === 'halving')
    return bracketsOf(spec).reduce((sum, rungs) => sum + rungs.at(-1)!.size, 0);
  return rounds.reduce((sum, round) => sum + (round.epochs === spec.training.epochs ? round.trials : 0), 0);
}

/** Distinct trials of those rounds: a rung has none of its own. */
export const foreseenTrials = (spec: Spec): number =>
  foreseenRounds(spec).reduce((sum, { kind, trials }) => {
    if (kind === 'asynchronous') return sum + spec.search.trials;
    return sum + (kind === 'rung' ? 0 : trials);
  }, 0);
