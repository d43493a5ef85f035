import {
  arrayOf,
  type Claim,
  type ClaimName,
  type Control,
  type Ended,
  type Seen,
  type Unit,
  type Wave,
} from '../../layout/asynchronous.ts';
import { type EndReason, reasonToEnd } from './end.ts';
import { isFree, type Known, type UnitStarts, unitName } from './known.ts';
import { promotion } from './promotion.ts';
import { type AsynchronousSweep, budgetsOfTrial } from './sweep.ts';

/** The caller: an attempt of a child of a wave. */
export interface Child {
  readonly wave: number;
  readonly execution: string;
  /** AWS_BATCH_JOB_ID. */
  readonly owner: string;
  /** The place in the array; 0 of a plain job. */
  readonly index: number;
  /** From 1. */
  readonly attempt: number;
  readonly host: string;
  /** Trials that each child of the wave may train at once, as far as known before one has ended. */
  readonly lanes: number;
  /** Units that it is already training in its other lanes, by `unitName`. */
  readonly inHand: ReadonlySet<string>;
}

/** At this attempt a child closes its wave: Batch gives each child ten, and the next wave brings ten more. */
export const CLOSING_ATTEMPT = 8;

/** What a child knows after it has looked. */
export interface View {
  readonly wave: Wave;
  readonly control: Control;
  /** By `unitName`. */
  readonly units: ReadonlyMap<string, UnitStarts>;
  /** The owners of units that have no result, by `unitName`: of the highest generation. */
  readonly owners: ReadonlyMap<string, Claim>;
  readonly seen: Seen;
  readonly known: Known;
}

/** The next step of a child. */
export type Choice =
  /** Begin no unit, and exit. */
  | { readonly kind: 'exit'; readonly because: string }
  /** Say that no further unit is begun. */
  | { readonly kind: 'end'; readonly reason: EndReason }
  /** Find the point of a number that was claimed. */
  | { readonly kind: 'point'; readonly number: number; readonly epochs: number }
  /** Leave the failed result of a unit that was begun too often. */
  | { readonly kind: 'fail'; readonly unit: Unit; readonly starts: number }
  /** Put a claim. One that is the unit's first holds what was seen. */
  | { readonly kind: 'claim'; readonly claim: ClaimName }
  /** Train a unit that is this child's already. */
  | { readonly kind: 'train'; readonly claim: ClaimName };

/**
 * Why this child must close its wave before anything else; null if it need not. The reason tells a wave closed for a pause
 * from one that did nothing, even if the pause has been lifted by then.
 */
export function reasonToClose(wave: Wave, control: Control, me: Child): Wave['closed'] {
  if (wave.closed !== null || !isMine(wave, me)) return null;
  if (control.paused) return 'paused';
  return me.attempt >= CLOSING_ATTEMPT ? 'attempts' : null;
}

const isMine = (wave: Wave, me: Child): boolean => wave.execution === me.execution && wave.wave === me.wave;

/** Why a child of this wave begins no unit, whatever there is to do; null: it may. */
export function reasonToLeave(wave: Wave | null, control: Control, ended: Ended | null, me: Child): string | null {
  if (wave === null || !isMine(wave, me)) return 'another wave has taken over';
  if (wave.dead.includes(arrayOf(me.owner))) return 'its array counts as ended';
  if (control.paused) return 'the sweep is paused';
  if (wave.closed !== null) return 'the wave is closed';
  const { maxParallel } = control;
  // Those before it in the array may all have their lanes full.
  const place = me.index * me.lanes + me.inHand.size;
  if (maxParallel !== undefined && place >= maxParallel) return `no more than ${maxParallel} trials may run at once`;
  if (ended?.execution === me.execution) return ended.because;
  return null;
}

/** The next step of a child that may work: the first rule that has one. */
export function choose(sweep: AsynchronousSweep, view: View, me: Child): Choice {
  const reason = reasonToEnd(sweep.spec, view.known);
  if (reason !== null) return { kind: 'end', reason };
  return (
    ownUnit(sweep, view, me) ??
    abandonedUnit(sweep, view, me) ??
    promoted(sweep, view) ??
    freeNumber(sweep, view, me) ?? { kind: 'exit', because: 'nothing is left to begin' }
  );
}

/** Units that were begun and have no result, in the order of their numbers, except those no longer wanted. */
export function unfinished({ spec }: AsynchronousSweep, { units, known }: Pick<View, 'units' | 'known'>): UnitStarts[] {
  return [...units.values()]
    .filter(
      ({ number, epochs }) =>
        !known.budgets.get(epochs)?.ended.has(number) &&
        !known.skipped.has(number) &&
        budgetsOfTrial(spec, number).includes(epochs),
    )
    .sort((a, b) => a.number - b.number || a.epochs - b.epochs);
}

/**
 * Units that an earlier attempt of this child began in any of its lanes, or that this one began with a put that succeeded
 * without an answer.
 */
function ownUnit(sweep: AsynchronousSweep, view: View, me: Child): Choice | null {
  for (const unit of unfinished(sweep, view)) {
    const owner = view.owners.get(unitName(unit));
    if (unit.released || owner?.owner !== me.owner) continue;
    if (owner.attempt > me.attempt) return { kind: 'exit', because: 'a later attempt of this child is at work' };
    if (owner.attempt < me.attempt) {
      if (mayBegin(sweep, unit, me)) return takeOver(sweep, view, unit);
      return { kind: 'exit', because: 'the last start of a trial waits for the other lanes' };
    }
    if (me.inHand.has(unitName(unit))) continue;
    if (!view.known.points.has(unit.number)) return { kind: 'point', number: unit.number, epochs: unit.epochs };
    return { kind: 'train', claim: { number: unit.number, epochs: unit.epochs, generation: unit.generation } };
  }
  return null;
}

/** A unit that was released, or whose owner's array has ended. Each child starts looking at a different one. */
function abandonedUnit(sweep: AsynchronousSweep, view: View, me: Child): Choice | null {
  const dead = new Set(view.wave.dead);
  const abandoned = unfinished(sweep, view).filter((unit) => {
    const owner = view.owners.get(unitName(unit));
    const isAnybodys = unit.released || (owner !== undefined && dead.has(arrayOf(owner.owner)));
    return isAnybodys && mayBegin(sweep, unit, me);
  });
  return abandoned.length === 0 ? null : takeOver(sweep, view, abandoned[me.index % abandoned.length]!);
}

/** Whether a start is the last: losing its host would fail the unit. The first start never is, as it has harmed no host. */
export const isLastStart = ({ spec }: Pick<AsynchronousSweep, 'spec'>, startsBefore: number): boolean =>
  startsBefore > 0 && startsBefore + 1 === spec.compute.attempts;

/** A unit's last start has its host to itself, so that no other trial can end it. */
const mayBegin = (sweep: AsynchronousSweep, { starts }: UnitStarts, me: Child): boolean =>
  me.inHand.size === 0 || !isLastStart(sweep, starts);

/** The next generation. After too many, the unit fails, so that one that kills its host comes to an end. */
function takeOver({ spec }: AsynchronousSweep, view: View, { number, epochs, generation, starts }: UnitStarts): Choice {
  if (starts < spec.compute.attempts) return { kind: 'claim', claim: { number, epochs, generation: generation + 1 } };
  if (!view.known.points.has(number)) return { kind: 'point', number, epochs };
  return { kind: 'fail', unit: { number, epochs }, starts };
}

function promoted({ spec }: AsynchronousSweep, { known }: View): Choice | null {
  const unit = promotion(spec, known);
  return unit === null ? null : { kind: 'claim', claim: { ...unit, generation: 1 } };
}

/** The lowest free number among this child's own (every Wth from its index on), or else the lowest of all. */
function freeNumber(sweep: AsynchronousSweep, { known, wave }: View, me: Child): Choice | null {
  const lowest = (first: number, stride: number): number | null => {
    for (let number = first; number < known.numbers; number += stride) if (isFree(known, number)) return number;
    return null;
  };
  const number = lowest(me.index, wave.children) ?? lowest(0, 1);
  if (number === null) return null;
  return { kind: 'claim', claim: { number, epochs: budgetsOfTrial(sweep.spec, number)[0]!, generation: 1 } };
}
