import {
  type Claim,
  type ClaimName,
  claimKey,
  endedKey,
  noPointKey,
  objectText,
  type Point,
  parseObject,
  pointObjectKey,
  pointSchema,
  releaseKey,
  type Seen,
  type Unit,
  waveKey,
} from '../../layout/asynchronous.ts';
import { HELD_BACK } from '../../layout/control.ts';
import { resultKey } from '../../layout/keys.ts';
import type { Parameters } from '../../space/space.ts';
import type { Failure } from '../../trial/failure.ts';
import type { Medians } from '../../trial/median.ts';
import { NO_ATTEMPT, resultText } from '../../trial/result.ts';
import {
  type Child,
  type Choice,
  choose,
  isLastStart,
  reasonToClose,
  reasonToLeave,
  unfinished,
  type View,
} from './choice.ts';
import { reasonNotToTrain } from './end.ts';
import { isFree, knownFrom, unitName } from './known.ts';
import { look, readOrders } from './look.ts';
import { mediansFor } from './medians.ts';
import type { Memory } from './memory.ts';
import { proposals } from './proposal.ts';
import { create, read, replace, type StoreWork } from './store-calls.ts';
import { type AsynchronousSweep, bracketOf, underControl } from './sweep.ts';
import { isAnythingLeft } from './wave.ts';

/** What a child does after the gate. */
export type Turn =
  | { readonly kind: 'exit'; readonly because: string }
  | {
      readonly kind: 'train';
      /** When the next generation of it appears, somebody else trains the unit. */
      readonly claim: ClaimName;
      readonly trialId: string;
      readonly parameters: Parameters;
      readonly medians: Medians | null;
      /** Nothing may train beside it: another that ends its host must not end it as well. */
      readonly isLastStart: boolean;
    };

/**
 * The gate: decides, through calls to the store, what a child trains next. A child calls it before each unit. If the child
 * is killed between any two calls, others can finish whatever it leaves.
 * @param now ISO 8601, for people who look
 * @param spent why the sweep's budget allows no further unit; null: it does
 */
export function* gate(
  planned: AsynchronousSweep,
  me: Child,
  memory: Memory,
  now: string,
  spent: string | null = null,
): StoreWork<Turn> {
  for (;;) {
    const { wave, etag, control, ended } = yield* readOrders(planned.sweepId, HELD_BACK);
    const reason = reasonToLeave(wave, control, ended, me);
    const sweep = underControl(planned, control);
    if (wave === null) return { kind: 'exit', because: reason ?? 'there is no wave' };
    const closing = reasonToClose(wave, control, me);
    if (closing !== null) {
      yield* replace(waveKey(sweep.sweepId), objectText({ ...wave, closed: closing }), etag);
      continue;
    }
    const view = yield* look(sweep, wave, control, memory);
    if (reason !== null) return yield* leave(sweep, view, me, reason);
    const turn = yield* perform({ sweep, view, me, memory, now }, chosen(sweep, view, me, spent));
    if (turn !== null) return turn;
  }
}

/** An exhausted budget ends a search that has anything left. */
function chosen(sweep: AsynchronousSweep, view: View, me: Child, spent: string | null): Choice {
  if (spent === null || !isAnythingLeft(sweep, view)) return choose(sweep, view, me);
  return { kind: 'end', reason: { reason: 'budget', because: spent } };
}

interface Standpoint {
  readonly sweep: AsynchronousSweep;
  readonly view: View;
  readonly me: Child;
  readonly memory: Memory;
  readonly now: string;
}

/** Null: look again. */
function* perform(at: Standpoint, choice: Choice): StoreWork<Turn | null> {
  const { sweep, view, me } = at;
  switch (choice.kind) {
    case 'exit':
      return { kind: 'exit', because: choice.because };
    case 'end': {
      const { execution } = me;
      yield* create(endedKey(sweep.sweepId), objectText({ execution, ...choice.reason, seen: view.seen }));
      return yield* leave(sweep, view, me, choice.reason.because);
    }
    case 'point':
      yield* settlePoint(at, choice);
      return null;
    case 'fail': {
      const reason = `it was begun ${choice.starts} times, and every time its machine was lost or taken away`;
      yield* leaveFailure(at, choice.unit, { class: 'interrupted', reason });
      return null;
    }
    case 'train':
      return yield* train(at, choice.claim);
    case 'claim':
      if (!(yield* putClaim(at, choice.claim))) return null;
      // The claim of what another lane trains was lost: it has one again.
      return me.inHand.has(unitName(choice.claim)) ? null : yield* train(at, choice.claim);
  }
}

/** Releases this child's units that are in none of its lanes, so that others need not wait for its array to end. */
function* leave(sweep: AsynchronousSweep, view: View, me: Child, because: string): StoreWork<Turn> {
  for (const unit of unfinished(sweep, view)) {
    const owner = view.owners.get(unitName(unit));
    const isMine = owner?.owner === me.owner && owner.attempt <= me.attempt;
    if (me.inHand.has(unitName(unit))) continue;
    if (isMine && !unit.released) yield* create(releaseKey(sweep.sweepId, unit), '');
  }
  return { kind: 'exit', because };
}

function* putClaim(at: Standpoint, claim: ClaimName): StoreWork<boolean> {
  const { sweep, view, me, now } = at;
  const { owner, attempt, host } = me;
  const seen = claim.generation === 1 ? { seen: view.seen } : {};
  const body: Claim = { owner, attempt, host, since: now, ...seen, ...(wasBegun(at, claim) ? { lost: true } : {}) };
  return yield* create(claimKey(sweep.sweepId, claim), objectText(body));
}

/** Whether an unclaimed unit was begun anyway: it has a result, or its trial has a point. */
function wasBegun({ view, memory }: Standpoint, { number, epochs, generation }: ClaimName): boolean {
  if (generation !== 1) return false;
  return memory.outcomes.has(unitName({ number, epochs })) || (memory.points.has(number) && isFree(view.known, number));
}

/** Begins a claimed unit. Null if there is nothing to train, so look again. */
function* train(at: Standpoint, claim: ClaimName): StoreWork<Turn | null> {
  const { sweep, view, memory } = at;
  if (!memory.points.has(claim.number) && !(yield* settlePoint(at, claim))) return null;
  const trialId = memory.trials.get(claim.number)!;
  const parameters = memory.points.get(claim.number)!;
  if (claim.generation > 1) {
    // The unit may have ended since its results were listed.
    const [result] = yield* read([resultKey(sweep.sweepId, trialId, claim.epochs)]);
    if (result != null) return null;
  }
  const reason = reasonNotToTrain(sweep.spec, view.known, parameters);
  if (reason !== null) {
    yield* leaveFailure(at, claim, { class: 'not-run', reason });
    return null;
  }
  const seen = sweep.spec.training.stop?.median ? yield* seenBy(at, claim) : null;
  const medians = seen === null ? null : mediansFor(sweep.spec, knownFrom(seen, memory));
  return {
    kind: 'train',
    claim,
    trialId,
    parameters,
    medians,
    isLastStart: isLastStart(sweep, startsBefore(view, claim)),
  };
}

/** Whether or not the claim itself was seen. */
function startsBefore({ units }: View, claim: ClaimName): number {
  const { starts = 0, generation } = units.get(unitName(claim)) ?? {};
  return starts - (generation === claim.generation ? 1 : 0);
}

/** What the first claim of a unit had seen. */
function* seenBy({ sweep, view, memory }: Standpoint, unit: Unit): StoreWork<Seen> {
  const first = yield* memory.firstClaim(sweep.sweepId, unit);
  return first?.seen ?? view.seen;
}

/**
 * Finds the point of a number: the first proposal of its first claim that no other number has. Every process finds the same
 * one, because a taken point stays taken. False: the space has no more points.
 */
function* settlePoint(at: Standpoint, unit: Unit): StoreWork<boolean> {
  const { sweep, memory } = at;
  const { number } = unit;
  const known = knownFrom(yield* seenBy(at, unit), memory);
  let passed = 0;
  for (const parameters of proposals(sweep, number, known, memory.fits)) {
    const trialId = sweep.trialId(parameters);
    const owner = memory.numbers.get(trialId) ?? (yield* takePoint(at, trialId, { number, parameters, passed }));
    if (owner === number) return true;
    passed += 1;
  }
  yield* create(noPointKey(sweep.sweepId, number), '');
  return false;
}

/** The number that has the point, after trying to take it. */
function* takePoint({ sweep, memory }: Standpoint, trialId: string, point: Omit<Point, 'bracket'>): StoreWork<number> {
  const key = pointObjectKey(sweep.sweepId, trialId);
  const body: Point = { ...point, bracket: bracketOf(sweep.spec, point.number) };
  const isNew = yield* create(key, objectText(body));
  const [there] = isNew ? [null] : yield* read([key]);
  const { number, parameters } = there == null ? body : parseObject(pointSchema, key, there.body);
  memory.keepPoint(trialId, number, parameters);
  return number;
}

function* leaveFailure({ sweep, me, memory, now }: Standpoint, unit: Unit, failure: Failure): StoreWork<void> {
  const { sweepId, spec } = sweep;
  const { metric, goal, at } = spec.objective;
  const trialId = memory.trials.get(unit.number)!;
  const result = resultText({
    sweepId,
    trial: unit.number,
    trialId,
    epochs: unit.epochs,
    status: 'failed',
    metric,
    goal,
    at,
    value: null,
    epoch: null,
    diverged: false,
    failure,
    attempt: NO_ATTEMPT,
    modelFiles: 0,
    model: undefined,
    facts: { startedAt: now, seconds: 0, host: me.host, attemptNumber: me.attempt, logTail: '' },
  });
  yield* create(resultKey(sweepId, trialId, unit.epochs), result);
}
