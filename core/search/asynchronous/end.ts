import type { Ended, Unit } from '../../layout/asynchronous.ts';
import type { Parameters } from '../../space/space.ts';
import type { Spec } from '../../spec/spec.ts';
import { doomed, type RoundFailure } from '../../trial/doom.ts';
import type { FailureClass } from '../../trial/failure.ts';
import type { TrialRecord } from '../../trial/record.ts';
import { type RoundRecord, roundSize } from '../rounds.ts';
import { searchStop } from '../stop.ts';
import { toleratedFailures } from '../tolerance.ts';
import { atBudget, type Known, type Outcome, outcomesIn } from './known.ts';

export type EndReason = Pick<Ended, 'reason' | 'because'>;

/** A rule by which a search begins no further unit. */
type EndRule = (spec: Spec, known: Known) => EndReason | null;

/** Every rule, in the order in which they apply. Nothing else ends a search. */
const RULES: readonly EndRule[] = [enoughFound, cannotWork, tooManyFailed];

/** Why no further unit is begun; null if the search continues. */
export function reasonToEnd(spec: Spec, known: Known): EndReason | null {
  for (const rule of RULES) {
    const found = rule(spec, known);
    if (found !== null) return found;
  }
  return null;
}

/**
 * `search.stop`. A value counts as soon as a trial has it. minImprovement compares blocks of trials, of as many as each of
 * `search.rounds` rounds would have, once every trial of a block has ended.
 */
function enoughFound(spec: Spec, known: Known): EndReason | null {
  const { stop } = spec.search;
  if (stop === undefined || spec.search.strategy === 'halving') return null;
  const records = outcomesIn(known).map((ended) => recordFor(known, ended));
  const { value, ...improvement } = stop;
  const because =
    searchStop(withStop(spec, { value }), [block(0, 0, spec.search.trials)], records) ??
    searchStop(withStop(spec, improvement), endedBlocks(spec, known), records);
  return because === null ? null : { reason: 'stop', because };
}

const withStop = (spec: Spec, stop: NonNullable<Spec['search']['stop']>): Spec => ({
  ...spec,
  search: { ...spec.search, stop },
});

const block = (round: number, first: number, size: number): RoundRecord => ({
  round,
  first,
  size,
  exhausted: false,
  kind: 'search',
  shards: [],
});

function endedBlocks(spec: Spec, known: Known): RoundRecord[] {
  const { ended } = atBudget(known, spec.training.epochs);
  const isThrough = (number: number) => ended.has(number) || known.skipped.has(number);
  const blocks: RoundRecord[] = [];
  for (let first = 0; first < spec.search.trials; ) {
    const size = roundSize(spec, blocks.length, first);
    for (let number = first; number < first + size; number++) if (!isThrough(number)) return blocks;
    blocks.push(block(blocks.length, first, size));
    first += size;
  }
  return blocks;
}

const recordFor = (known: Known, { number, epochs, value, others }: Unit & Outcome): TrialRecord => ({
  trial: number,
  id: String(number),
  parameters: known.points.get(number) ?? {},
  value,
  ...(others === undefined ? {} : { others }),
  epoch: null,
  epochs,
  status: value === null ? 'failed' : 'succeeded',
  diverged: false,
  failureClass: null,
});

/** Every trial of the program fails in the same way, whatever its parameters. */
function cannotWork(spec: Spec, known: Known): EndReason | null {
  const because = reasonNotToTrain(spec, known, {});
  return because === null ? null : { reason: 'doomed', because };
}

/** Failures that say nothing about the program: lost hosts, an unreachable store, and trials that were not run. */
const NOT_THE_PROGRAMS: ReadonlySet<FailureClass> = new Set<FailureClass>([
  ...(['interrupted', 'lost', 'not-run', 'skipped'] as const),
]);

/** Why a trial need not be trained: enough similar ones failed and none succeeded. Null: it should be trained. */
export function reasonNotToTrain(spec: Spec, known: Known, parameters: Parameters): string | null {
  const outcomes = outcomesIn(known);
  if (outcomes.some(({ value }) => value !== null)) return null;
  const failures = outcomes.flatMap(({ number, failureClass }): RoundFailure[] =>
    failureClass === null || NOT_THE_PROGRAMS.has(failureClass)
      ? []
      : [{ class: failureClass, parameters: known.points.get(number) ?? {} }],
  );
  return doomed(spec.search.space, failures, parameters);
}

/** More trials failed than `tolerance.failedTrials` allows, of all that are planned. */
function tooManyFailed(spec: Spec, known: Known): EndReason | null {
  const failures = outcomesIn(known).filter(({ value, failureClass }) => value === null && failureClass !== 'skipped');
  const failed = new Set(failures.map(({ number }) => number)).size;
  const { trials } = spec.search;
  const tolerated = toleratedFailures(spec, trials);
  if (failed <= tolerated) return null;
  return {
    reason: 'tolerance',
    because: `${failed} of ${trials} trials failed; tolerance.failedTrials allows ${tolerated}`,
  };
}
