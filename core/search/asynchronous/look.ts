import { CorruptObject } from '../../base/errors.ts';
import {
  type Claim,
  type Control,
  claimsPrefix,
  controlKey,
  controlSchema,
  type Ended,
  endedKey,
  endedSchema,
  parseClaimKey,
  parseObject,
  parsePointKey,
  pointObjectKey,
  pointSchema,
  pointsPrefix,
  type Wave,
  waveKey,
  waveSchema,
} from '../../layout/asynchronous.ts';
import { NO_ORDERS } from '../../layout/control.ts';
import {
  ATTEMPT,
  attemptPrefix,
  parseResultKey,
  type ResultName,
  resultKey,
  resultsPrefix,
} from '../../layout/keys.ts';
import { parseMetrics } from '../../trial/metrics.ts';
import { judgedBy } from '../../trial/objective.ts';
import { rejudge } from '../../trial/rejudge.ts';
import { parseResult, type TrialResult } from '../../trial/result.ts';
import type { View } from './choice.ts';
import { knownFrom, outcomeOf, seenOf, startsOf, type UnitStarts, unitName } from './known.ts';
import type { Memory } from './memory.ts';
import { list, type ReadObject, read, type StoreWork } from './store-calls.ts';
import type { AsynchronousSweep } from './sweep.ts';

export interface Orders {
  readonly wave: Wave | null;
  /** Of the wave's object. */
  readonly etag: string;
  readonly control: Control;
  readonly ended: Ended | null;
}

/**
 * What is asked of every child.
 * @param damaged what counts where what a person asked cannot be read; left out: that is an error
 */
export function* readOrders(sweepId: string, damaged?: Control): StoreWork<Orders> {
  const keys = [waveKey(sweepId), controlKey(sweepId), endedKey(sweepId)] as const;
  const [wave, control, ended] = yield* read(keys);
  return {
    wave: wave == null ? null : parseObject(waveSchema, keys[0], wave.body),
    etag: wave?.etag ?? '',
    control: control == null ? NO_ORDERS : parseControl(keys[1], control.body, damaged),
    ended: ended == null ? null : parseObject(endedSchema, keys[2], ended.body),
  };
}

function parseControl(key: string, body: string, damaged: Control | undefined): Control {
  try {
    return parseObject(controlSchema, key, body);
  } catch (error) {
    if (damaged === undefined || !(error instanceof CorruptObject)) throw error;
    return damaged;
  }
}

/**
 * Everything in the store that a child needs. Lists results first, then claims, then points: whoever sees a result also sees
 * its claim and its point, and what looks unclaimed was unclaimed.
 */
export function* look(sweep: AsynchronousSweep, wave: Wave, control: Control, memory: Memory): StoreWork<View> {
  const { sweepId, spec, space } = sweep;
  const results = notNull((yield* list(resultsPrefix(sweepId))).map((key) => parseResultKey(sweepId, key)));
  const claims = notNull((yield* list(claimsPrefix(sweepId))).map((key) => parseClaimKey(sweepId, key)));
  const points = notNull((yield* list(pointsPrefix(sweepId))).map((key) => parsePointKey(sweepId, key)));
  const voids = new Set(points.flatMap((point) => ('none' in point ? [point.none] : [])));
  yield* readPoints(
    sweepId,
    points.flatMap((point) => ('trialId' in point ? [point.trialId] : [])),
    memory,
  );
  yield* readResults(sweep, results, memory);
  const ended = new Map(
    results.flatMap(({ trialId, epochs }) => {
      const number = memory.numbers.get(trialId);
      const name = number === undefined ? null : unitName({ number, epochs });
      const outcome = name === null ? undefined : memory.outcomes.get(name);
      return name === null || outcome === undefined ? [] : [[name, outcome] as const];
    }),
  );
  const units = startsOf(claims.filter(({ number }) => !voids.has(number)));
  const claimed = new Set([...units.values()].map(({ number }) => number));
  const seen = seenOf({
    numbers: voids.size > 0 ? 0 : Math.min(spec.search.trials, space.size),
    points: [...memory.points.keys()].filter((number) => claimed.has(number)),
    units: units.values(),
    ended,
    skipped: control.skipped,
  });
  const open = [...units.values()].filter((unit) => !ended.has(unitName(unit)));
  const owners = yield* ownersOf(sweepId, open, memory);
  return { wave, control, units, owners, seen, known: knownFrom(seen, memory) };
}

const notNull = <T>(values: readonly (T | null)[]): T[] => values.filter((value) => value !== null);

function* readPoints(sweepId: string, trialIds: readonly string[], memory: Memory): StoreWork<void> {
  const unread = trialIds.filter((trialId) => !memory.numbers.has(trialId));
  const keys = unread.map((trialId) => pointObjectKey(sweepId, trialId));
  const objects = yield* read(keys);
  objects.forEach((object, index) => {
    if (object === null) return;
    const { number, parameters } = parseObject(pointSchema, keys[index]!, object.body);
    memory.keepPoint(unread[index]!, number, parameters);
  });
}

/** Results of trials of the search: those that confirm others have no point. */
function* readResults(
  { sweepId, spec }: AsynchronousSweep,
  names: readonly ResultName[],
  memory: Memory,
): StoreWork<void> {
  const unread = names.filter(({ trialId, epochs }) => {
    const number = memory.numbers.get(trialId);
    return number !== undefined && !memory.outcomes.has(unitName({ number, epochs }));
  });
  const objects = yield* read(unread.map(({ trialId, epochs }) => resultKey(sweepId, trialId, epochs)));
  const results = unread.map((name, index) => resultIn(sweepId, name, objects[index]));
  const others = results.filter((result) => result !== null && !judgedBy(result, spec.objective)) as TrialResult[];
  const metrics = yield* read(
    others.map(({ trialId, attempt }) => `${attemptPrefix(sweepId, trialId, attempt)}${ATTEMPT.metrics}`),
  );
  results.forEach((result, index) => {
    const { trialId, epochs } = unread[index]!;
    const name = unitName({ number: memory.numbers.get(trialId)!, epochs });
    if (objects[index] == null) return;
    const place = result === null ? -1 : others.indexOf(result);
    const judged =
      place === -1
        ? result
        : rejudge(spec.objective, result!, parseMetrics(metrics[place]?.body ?? '', spec.objective.metric));
    memory.outcomes.set(
      name,
      judged === null ? { value: null, failureClass: 'malformed-result', curve: [] } : outcomeOf(judged),
    );
  });
}

function resultIn(sweepId: string, name: ResultName, object: ReadObject | null | undefined): TrialResult | null {
  return object == null ? null : parseResult(object.body, { sweepId, ...name });
}

/** By unit, the claim that owns it. */
function* ownersOf(sweepId: string, units: readonly UnitStarts[], memory: Memory): StoreWork<Map<string, Claim>> {
  const claims = yield* memory.claims(sweepId, units);
  const owners = new Map<string, Claim>();
  units.forEach((unit, index) => {
    const claim = claims[index];
    if (claim !== undefined) owners.set(unitName(unit), claim);
  });
  return owners;
}
