import { bitmapOf, numbersIn } from '../../base/bitmap.ts';
import type { ListedClaim, Seen, Unit } from '../../layout/asynchronous.ts';
import type { Parameters } from '../../space/space.ts';
import type { OtherValues } from '../../spec/limits.ts';
import { wholeSeconds } from '../../trial/collected.ts';
import type { Curve } from '../../trial/curve.ts';
import type { FailureClass } from '../../trial/failure.ts';
import type { TrialResult } from '../../trial/result.ts';
import type { NumberedObservation } from '../strategies/bayesian-numbered.ts';
import { SEARCH_RULES } from './rules.ts';

/** How a unit ended; `value` null if it failed. */
export interface Outcome {
  readonly value: number | null;
  /** The other objectives' values, where there are any. */
  readonly others?: OtherValues;
  readonly failureClass: FailureClass | null;
  /** Of the training, where it began and ended in one attempt. */
  readonly seconds?: number | undefined;
  readonly curve: Curve;
}

export const outcomeOf = ({ value, others, failure, curve, facts }: TrialResult): Outcome => ({
  value,
  ...(others === undefined ? {} : { others }),
  failureClass: failure?.class ?? null,
  seconds: wholeSeconds(facts),
  curve: curve ?? [],
});

/** The contents of points and results, whether or not a decision had seen them. */
export interface Library {
  readonly points: ReadonlyMap<number, Parameters>;
  /** By `unitName`. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

export const unitName = ({ number, epochs }: Unit): string => `${number}.${epochs}`;

/** The starts of one unit, as a listing shows them. */
export interface UnitStarts extends Unit {
  /** The highest: who owns the unit. */
  readonly generation: number;
  /** Its owner has given it up. */
  readonly released: boolean;
  /** Generations that were not given up: trainings that were begun. */
  readonly starts: number;
}

export function startsOf(claims: readonly ListedClaim[]): Map<string, UnitStarts> {
  const releases = new Set(
    claims.filter(({ released }) => released).map((claim) => `${unitName(claim)}.${claim.generation}`),
  );
  const units = new Map<string, UnitStarts>();
  for (const { number, epochs, generation, released } of claims) {
    if (released) continue;
    const name = unitName({ number, epochs });
    const before = units.get(name);
    const isReleased = releases.has(`${name}.${generation}`);
    const isHighest = before === undefined || generation > before.generation;
    units.set(name, {
      number,
      epochs,
      generation: isHighest ? generation : before.generation,
      released: isHighest ? isReleased : before.released,
      starts: (before?.starts ?? 0) + (isReleased ? 0 : 1),
    });
  }
  return units;
}

interface Looked {
  /** Trials below this number may be begun. */
  readonly numbers: number;
  readonly points: Iterable<number>;
  readonly units: Iterable<Unit>;
  readonly ended: ReadonlyMap<string, Outcome>;
  readonly skipped: readonly number[];
}

/** What was seen, as it is recorded with a decision. */
export function seenOf({ numbers, points, units, ended, skipped }: Looked): Seen {
  const budgets = new Map<number, number[]>();
  for (const { number, epochs } of units) {
    const claimed = budgets.get(epochs);
    if (claimed === undefined) budgets.set(epochs, [number]);
    else claimed.push(number);
  }
  return {
    numbers,
    points: bitmapOf(points),
    budgets: [...budgets]
      .sort(([a], [b]) => a - b)
      .map(([epochs, claimed]) => {
        const there = claimed.filter((number) => ended.has(unitName({ number, epochs })));
        const failed = there.filter((number) => ended.get(unitName({ number, epochs }))!.value === null);
        return { epochs, claimed: bitmapOf(claimed), ended: bitmapOf(there), failed: bitmapOf(failed) };
      }),
    ...(skipped.length === 0 ? {} : { skipped: bitmapOf(skipped) }),
    rules: SEARCH_RULES,
  };
}

export interface KnownBudget {
  readonly claimed: ReadonlySet<number>;
  /** Of the claimed, those that ended. */
  readonly ended: ReadonlyMap<number, Outcome>;
}

/** What was seen, with the objects' contents: everything that decisions are made from, originally and when recomputed. */
export interface Known {
  readonly numbers: number;
  readonly skipped: ReadonlySet<number>;
  readonly points: ReadonlyMap<number, Parameters>;
  /** By epochs, in ascending order. */
  readonly budgets: ReadonlyMap<number, KnownBudget>;
}

const LOST: Outcome = { value: null, failureClass: 'lost', curve: [] };

const TAKEN_OUT: Outcome = { value: null, failureClass: 'skipped', curve: [] };

/** A trial that had failed or been skipped counts as such, even if it was trained again since. */
export function knownFrom(seen: Seen, { points, outcomes }: Library): Known {
  const skipped = new Set(numbersIn(seen.skipped ?? ''));
  const budgets = seen.budgets.map(({ epochs, claimed, ended, failed }) => {
    const failures = new Set(numbersIn(failed));
    const known = numbersIn(ended).map((number) => {
      const outcome = outcomes.get(unitName({ number, epochs }));
      const isAsSeen = outcome !== undefined && (outcome.value === null || !failures.has(number));
      return [number, isAsSeen ? outcome : skipped.has(number) ? TAKEN_OUT : LOST] as const;
    });
    return [epochs, { claimed: new Set(numbersIn(claimed)), ended: new Map(known) }] as const;
  });
  return {
    numbers: seen.numbers,
    skipped,
    points: new Map(
      numbersIn(seen.points).flatMap((number) => {
        const parameters = points.get(number);
        return parameters === undefined ? [] : [[number, parameters] as const];
      }),
    ),
    budgets: new Map(budgets),
  };
}

const NOTHING: KnownBudget = { claimed: new Set(), ended: new Map() };

export const atBudget = ({ budgets }: Known, epochs: number): KnownBudget => budgets.get(epochs) ?? NOTHING;

/** Whether this trial may be begun and has not been. */
export function isFree({ numbers, skipped, budgets }: Known, number: number): boolean {
  if (number >= numbers || skipped.has(number)) return false;
  for (const { claimed } of budgets.values()) if (claimed.has(number)) return false;
  return true;
}

/** Every outcome, by number and then by epochs. */
export function outcomesIn({ budgets }: Known): (Unit & Outcome)[] {
  const found = [...budgets].flatMap(([epochs, { ended }]) =>
    [...ended].map(([number, outcome]) => ({ number, epochs, ...outcome })),
  );
  return found.sort((a, b) => a.number - b.number || a.epochs - b.epochs);
}

/** Every unit as a strategy that learns sees it. */
export function historyOf({ points, budgets }: Known): NumberedObservation[] {
  return [...budgets].flatMap(([epochs, { claimed, ended }]) =>
    [...claimed].flatMap((number) => {
      const parameters = points.get(number);
      const outcome = ended.get(number);
      // What a person took out teaches nothing.
      if (parameters === undefined || outcome?.failureClass === 'skipped') return [];
      const { value, others, seconds } = outcome ?? {};
      return [{ number, parameters, epochs, value, seconds, ...(others === undefined ? {} : { others }) }];
    }),
  );
}
