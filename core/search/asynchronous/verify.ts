import { numbersIn } from '../../base/bitmap.ts';
import { canonicalJson } from '../../base/json.ts';
import type { Claim, ClaimName, Ended, Point, Unit } from '../../layout/asynchronous.ts';
import type { Spec } from '../../spec/spec.ts';
import { Fits } from '../strategies/bayesian-numbered.ts';
import { reasonToEnd } from './end.ts';
import { type Known, knownFrom, type Library, unitName } from './known.ts';
import { promotion } from './promotion.ts';
import { proposals } from './proposal.ts';
import { rulesOf, SEARCH_RULES } from './rules.ts';
import { type AsynchronousSweep, bracketOf } from './sweep.ts';

/** Everything that an asynchronous search has decided. */
export interface Decided extends Library {
  /** First claims, of units' first generation. */
  readonly claims: readonly (ClaimName & { readonly claim: Claim })[];
  /** By trial id. */
  readonly placed: ReadonlyMap<string, Point>;
  readonly ended: Ended | null;
}

/** A decision that does not follow from what was known. */
export interface Disagreement {
  /** `trial 12`, or `trial 12 to 27 epochs`. */
  readonly what: string;
  readonly recorded: string;
  readonly recomputed: string;
}

export interface Verified {
  /** How many decisions were recomputed. */
  readonly proposals: number;
  readonly promotions: number;
  /** How many were not, because other rules made them. */
  readonly byOtherRules: number;
  /** Units whose first claim was lost and put again, so it is no longer known what their choice was based on. */
  readonly lost: readonly string[];
  /** Empty: every decision matches its record. */
  readonly disagreements: readonly Disagreement[];
  /** Objects that decisions relied on and that are gone, for people; decisions that depend on them may differ. */
  readonly missing: readonly string[];
}

/** Recomputes every decision made by these rules from what was known then. */
export function verify(sweep: AsynchronousSweep, decided: Decided): Verified {
  const byNumber = new Map([...decided.placed].map(([trialId, point]) => [point.number, { trialId, point }]));
  const fits = new Fits();
  const claims = decided.claims.toSorted((a, b) => a.number - b.number || a.epochs - b.epochs);
  const counts = { proposals: 0, promotions: 0, byOtherRules: 0 };
  const lost: string[] = [];
  const disagreements: (Disagreement | null)[] = claims.map(({ claim, ...unit }) => {
    if (claim.seen === undefined) return { what: nameOf(unit), recorded: 'not what was seen', recomputed: 'nothing' };
    if (claim.lost) {
      lost.push(nameOf(unit));
      return null;
    }
    if (rulesOf(claim.seen) !== SEARCH_RULES) {
      counts.byOtherRules += 1;
      return null;
    }
    const known = knownFrom(claim.seen, decided);
    if (known.points.has(unit.number)) {
      counts.promotions += 1;
      return checkPromotion(sweep.spec, unit, known);
    }
    const placed = byNumber.get(unit.number);
    if (placed === undefined) return null;
    counts.proposals += 1;
    return checkProposal(sweep, placed.point, known, decided.placed, fits);
  });
  const { ended } = decided;
  if (ended !== null && rulesOf(ended.seen) !== SEARCH_RULES) counts.byOtherRules += 1;
  else if (ended !== null) disagreements.push(checkEnd(sweep.spec, ended, decided));
  const missing = missingFrom(decided);
  return { ...counts, lost, disagreements: disagreements.filter((disagreement) => disagreement !== null), missing };
}

/** Claims and points are never removed, nor is the result of a trial that succeeded. */
function missingFrom({ claims, ended, points, outcomes }: Decided): string[] {
  const begun = new Set(claims.map(unitName));
  const missing = new Set<string>();
  const note = (isThere: boolean, what: string) => void (isThere || missing.add(what));
  for (const seen of [...claims.map(({ claim }) => claim.seen), ended?.seen]) {
    if (seen === undefined) continue;
    for (const number of numbersIn(seen.points)) note(points.has(number), `the point of trial ${number}`);
    for (const { epochs, claimed, ended: over, failed } of seen.budgets) {
      const failures = new Set(numbersIn(failed));
      for (const number of numbersIn(claimed))
        note(begun.has(unitName({ number, epochs })), `the claim of ${nameOf({ number, epochs })}`);
      for (const number of numbersIn(over)) {
        const value = outcomes.get(unitName({ number, epochs }))?.value ?? null;
        note(failures.has(number) || value !== null, `the value of ${nameOf({ number, epochs })}`);
      }
    }
  }
  return [...missing];
}

const nameOf = ({ number, epochs }: Unit): string => `trial ${number} to ${epochs} epochs`;

/** Without halving the budget is the spec's of that time, so the claim itself tells it. */
function checkPromotion(spec: Spec, { number, epochs }: Unit, known: Known): Disagreement | null {
  const then = spec.search.strategy === 'halving' ? spec : { ...spec, training: { ...spec.training, epochs } };
  const due = promotion(then, known);
  if (due?.number === number && due.epochs === epochs) return null;
  return {
    what: nameOf({ number, epochs }),
    recorded: nameOf({ number, epochs }),
    recomputed: due === null ? 'no trial may continue' : nameOf(due),
  };
}

function checkProposal(
  sweep: AsynchronousSweep,
  point: Point,
  known: Known,
  placed: ReadonlyMap<string, Point>,
  fits: Fits,
): Disagreement | null {
  const { number } = point;
  const what = `trial ${number}`;
  const recorded = canonicalJson({ ...point.parameters });
  let passed = 0;
  for (const parameters of proposals(sweep, number, known, fits)) {
    const owner = placed.get(sweep.trialId(parameters))?.number;
    if (owner !== undefined && owner !== number) {
      passed += 1;
      continue;
    }
    const isSame =
      canonicalJson(parameters) === recorded &&
      passed === point.passed &&
      point.bracket === bracketOf(sweep.spec, number);
    return isSame ? null : { what, recorded, recomputed: canonicalJson(parameters) };
  }
  return { what, recorded, recomputed: 'no point is left' };
}

function checkEnd(spec: Spec, ended: Ended, library: Library): Disagreement | null {
  // That the clock ended it does not follow from what was seen.
  if (ended.reason === 'budget') return null;
  const found = reasonToEnd(spec, knownFrom(ended.seen, library));
  if (found?.reason === ended.reason && found.because === ended.because) return null;
  return {
    what: 'the end of the search',
    recorded: ended.because,
    recomputed: found?.because ?? 'the search continues',
  };
}
