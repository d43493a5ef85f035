import { buildSpace, type Parameters, pointKey } from '../space/space.ts';
import { proposerOf } from '../spec/rungs.ts';
import type { Spec } from '../spec/spec.ts';
import type { ManifestTrial } from '../trial/manifest.ts';
import type { TrialRecord } from '../trial/record.ts';
import { type ConfirmingRun, unconfirmed } from './confirm.ts';
import { nextRung } from './halving.ts';
import { observationsOf, type TimedRecord } from './observations.ts';
import { proposed, type Wanted } from './propose.ts';
import { compareByValue } from './ranking.ts';
import { numbersTaken, type RoundRecord, roundSize, searchTrialCount } from './rounds.ts';
import { searchStop } from './stop.ts';
import { costExponent } from './strategies/cost-aware.ts';
import { strategies } from './strategies/index.ts';
import type { Observation } from './strategies/strategy.ts';

/** What is known when a round is planned or, after it, judged. */
export interface Past {
  readonly rounds: readonly RoundRecord[];
  /** Every trial of those rounds at every budget it was trained to, in any order. */
  readonly records: readonly TimedRecord[];
  /** Results of other sweeps that the search may learn from. */
  readonly warm: readonly Observation[];
}

/** A round to come. `count` new trials, trials that go on, or trials that are trained again. */
export type DueRound =
  | { readonly kind: 'search'; readonly count: number; readonly epochs?: number }
  | { readonly kind: 'rung'; readonly epochs: number; readonly points: readonly Parameters[] }
  | { readonly kind: 'confirm'; readonly runs: readonly ConfirmingRun[] };

/** The round that follows the given ones (for an asynchronous search, once it has ended); null if the sweep is complete. */
export function dueRound(spec: Spec, { rounds, records }: Omit<Past, 'warm'>): DueRound | null {
  return dueSearch(spec, rounds, records) ?? dueConfirmation(spec, records);
}

function dueSearch(spec: Spec, rounds: readonly RoundRecord[], records: readonly TrialRecord[]): DueRound | null {
  if (spec.search.asynchronous) return null;
  const exhausted = rounds.findLast(({ kind }) => kind === 'search')?.exhausted ?? false;
  if (spec.search.strategy === 'halving') {
    const next = nextRung(spec, observationsOf(records), exhausted);
    if (next?.kind === 'promoted') return { kind: 'rung', epochs: next.epochs, points: next.points };
    return next === null ? null : { kind: 'search', count: next.count, epochs: next.epochs };
  }
  const planned = searchTrialCount(rounds);
  if (exhausted || planned >= spec.search.trials || searchStop(spec, rounds, records) !== null) return null;
  const round = rounds.filter(({ kind }) => kind === 'search').length;
  return { kind: 'search', count: roundSize(spec, round, planned) };
}

function dueConfirmation(spec: Spec, records: readonly TrialRecord[]): DueRound | null {
  const ranked = records.filter(({ confirms }) => confirms === undefined).toSorted(compareByValue(spec.objective));
  const runs = unconfirmed(spec, ranked, records);
  return runs.length === 0 ? null : { kind: 'confirm', runs };
}

/** A trial of a manifest before it has an id and a budget. */
export type RoundTrial = Omit<ManifestTrial, 'id' | 'epochs'>;

export interface PlannedTrials extends Pick<RoundRecord, 'kind' | 'exhausted' | 'epochs' | 'first'> {
  readonly trials: readonly RoundTrial[];
}

/** The next round, listed. */
export function planRoundTrials(spec: Spec, past: Past, first: readonly Parameters[]): PlannedTrials {
  const { kind, wanted, trials: coming, ...plan } = nextRound(spec, past, first);
  const trials = [...coming];
  return { kind, exhausted: trials.length < wanted, ...plan, trials };
}

export interface ComingRound extends Pick<RoundRecord, 'kind' | 'epochs' | 'first'> {
  /** Trials that are due; where there are fewer, the space holds no more. */
  readonly wanted: number;
  /** Generated as they are read, only once, so that a million of them need not be in memory. */
  readonly trials: Iterable<RoundTrial>;
}

/**
 * The next round; no trials where none is due. Pure: the same spec and past give the same round.
 * @param first points that come before all others, such as a champion's recipe
 */
export function nextRound(spec: Spec, past: Past, first: readonly Parameters[]): ComingRound {
  const due = dueRound(spec, past);
  const planned = past.rounds.reduce((sum, record) => sum + numbersTaken(record), 0);
  if (due === null) return { kind: 'search', wanted: 1, first: planned, trials: [] };
  if (due.kind === 'rung') {
    const places = new Map<string, number>(
      past.records.flatMap(({ trial: number, parameters, confirms }) =>
        confirms === undefined ? [[pointKey(parameters), number] as const] : [],
      ),
    );
    const trials = due.points.map((parameters) => ({
      trial: places.get(pointKey(parameters))!,
      parameters,
    }));
    return {
      kind: 'rung',
      wanted: trials.length,
      epochs: due.epochs,
      first: planned,
      trials: trials.sort((a, b) => a.trial - b.trial),
    };
  }
  if (due.kind === 'confirm') {
    const trials = due.runs.map(({ record, seed }, index) => ({
      trial: planned + index,
      parameters: record.parameters,
      seed,
      confirms: record.trial,
    }));
    return { kind: 'confirm', wanted: trials.length, first: planned, trials };
  }
  const points = comingPoints(spec, due.count, {
    initial: [...first, ...spec.search.initial],
    history: strategies[proposerOf(spec)].learns ? [...observationsOf(past.records), ...past.warm] : [],
    skip: searchTrialCount(past.rounds),
    planned: searchTrialCount(past.rounds),
  });
  return {
    kind: 'search',
    wanted: due.count,
    ...(due.epochs === undefined ? {} : { epochs: due.epochs }),
    first: planned,
    trials: numbered(points, planned),
  };
}

function* numbered(points: Iterable<Parameters>, first: number): Generator<RoundTrial> {
  let trial = first;
  for (const parameters of points) yield { trial: trial++, parameters };
}

/** New points by the spec's strategy: those of the spec's `initial` first, unless others are given. */
export function newPoints(spec: Spec, count: number, known: KnownPoints = {}): Parameters[] {
  return [...comingPoints(spec, count, known)];
}

type KnownPoints = Partial<Pick<Wanted, 'initial' | 'history' | 'skip'>> & {
  /** Trials that come before these. */
  readonly planned?: number;
};

function comingPoints(spec: Spec, count: number, { planned = 0, ...known }: KnownPoints): Iterable<Parameters> {
  const { seed, space, constraints, initial, costAware, trials } = spec.search;
  return proposed({
    space: buildSpace(space, constraints),
    strategy: proposerOf(spec),
    seed,
    goal: spec.objective.goal,
    others: spec.objective.others,
    initial,
    history: [],
    skip: 0,
    count,
    ...(costAware ? { costExponent: costExponent(planned, trials) } : {}),
    ...known,
  });
}

/** Whether planning a round takes the results of those before. */
export function learnsFromResults(spec: Spec): boolean {
  return spec.search.strategy === 'halving' || spec.search.confirm !== undefined || strategies[proposerOf(spec)].learns;
}

/** One of the next trials, as `sweep propose` answers. */
export interface Proposal {
  readonly parameters: Parameters;
  readonly epochs: number;
}

/** Ask and tell: the next trials, at most `count`, given what is known; fewer at the end of a rung, or of the space. */
export function proposeNext(spec: Spec, history: readonly Observation[], count: number): Proposal[] {
  if (spec.search.strategy !== 'halving')
    return newPoints(spec, count, { history, planned: history.length }).map((parameters) => ({
      parameters,
      epochs: spec.training.epochs,
    }));
  for (const exhausted of [false, true]) {
    const next = nextRung(spec, history, exhausted);
    if (next === null) return [];
    const points =
      next.kind === 'promoted'
        ? next.points.slice(0, count)
        : newPoints(spec, Math.min(count, next.count), { history });
    if (points.length > 0) return points.map((parameters) => ({ parameters, epochs: next.epochs }));
  }
  return [];
}
