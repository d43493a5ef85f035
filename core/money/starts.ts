import { leastOf } from '../base/numbers.ts';
import type { Instance } from '../trial/instance.ts';
import type { PaidAttempt } from './attempts.ts';

/**
 * What is noted under a budget of dollars, each as the name of an empty object, so that a listing tells all. `at`:
 * milliseconds since 1970. start: an attempt takes a machine. end: it leaves it. close: whatever began before is over.
 */
export type StartEvent =
  | ({ readonly kind: 'start' } & BegunAttempt)
  | {
      readonly kind: 'end';
      readonly at: number;
      readonly trialId: string;
      readonly attempt: string;
      /** EC2 took its instance back. */
      readonly isTakenBack: boolean;
    }
  | { readonly kind: 'close'; readonly at: number };

/** An attempt as its start tells of it. */
export interface BegunAttempt {
  readonly at: number;
  readonly trialId: string;
  /** The budget that it trains for. */
  readonly epochs: number;
  readonly attempt: string;
  readonly host: string;
  /** Undefined: a machine of one's own, or one that does not tell. */
  readonly instance: Instance | undefined;
}

/** An attempt from its start to its end. */
export interface KnownAttempt extends BegunAttempt {
  /** Null: it runs, as far as is known. */
  readonly end: number | null;
  readonly isTakenBack: boolean;
}

/** A file's name has room for 255 bytes. */
const MAX_HOST = 64;

/** Names are listed in the order of their times. */
const timeText = (at: number): string => String(Math.round(at)).padStart(15, '0');

export function startEventName(event: StartEvent): string {
  const fields: (string | number)[] = [timeText(event.at), event.kind];
  if (event.kind === 'start') {
    const { trialId, epochs, attempt, host, instance } = event;
    fields.push(trialId, epochs, attempt, host.slice(0, MAX_HOST));
    if (instance !== undefined) fields.push(instance.type, instance.purchase, instance.zone);
  }
  if (event.kind === 'end') {
    fields.push(event.trialId, event.attempt);
    if (event.isTakenBack) fields.push('taken-back');
  }
  return fields.map((field) => encodeURIComponent(field)).join(',');
}

/** The inverse of `startEventName`; null for a name that is none. */
export function parseStartEvent(name: string): StartEvent | null {
  const [time = '', kind, ...fields] = name.split(',').map(decoded);
  const at = /^[0-9]{15}$/.test(time) ? Number(time) : null;
  if (at === null) return null;
  if (kind === 'close' && fields.length === 0) return { kind, at };
  const [trialId = '', second = '', third = '', host = '', type, purchase, zone] = fields;
  if (kind === 'end' && (fields.length === 2 || third === 'taken-back'))
    return { kind, at, trialId, attempt: second, isTakenBack: fields.length === 3 };
  if (kind !== 'start' || !/^[1-9][0-9]*$/.test(second) || third === '' || host === '') return null;
  const instance = type && purchase && zone ? { type, purchase, zone } : undefined;
  return { kind, at, trialId, epochs: Number(second), attempt: third, host, instance };
}

function decoded(field: string): string {
  try {
    return decodeURIComponent(field);
  } catch {
    return '';
  }
}

/**
 * The attempts that events tell of, by their starts. One that was killed left no end: a later attempt at its trial, or the
 * close of all, ended it.
 */
export function attemptsIn(events: readonly StartEvent[]): KnownAttempt[] {
  const starts = events.filter((event) => event.kind === 'start').sort((a, b) => a.at - b.at);
  const closes = events.filter((event) => event.kind === 'close').map(({ at }) => at);
  const ends = new Map(
    events.flatMap((event) => (event.kind === 'end' ? [[`${event.trialId}/${event.attempt}`, event] as const] : [])),
  );
  const later = new Map<string, number>();
  return starts
    .toReversed()
    .map(({ kind: _, ...start }): KnownAttempt => {
      const own = ends.get(`${start.trialId}/${start.attempt}`);
      const others = [later.get(start.trialId), ...closes].filter((at) => at !== undefined && at >= start.at);
      later.set(start.trialId, start.at);
      // An end before its start, by a clock that was set back, tells nothing of how long it was.
      const ended = own !== undefined && own.at >= start.at ? own.at : null;
      const end = ended ?? (others.length === 0 ? null : leastOf(others as number[]));
      return { ...start, end, isTakenBack: own?.isTakenBack ?? false };
    })
    .reverse();
}

/**
 * What attempts at a training that ended without notes would have noted. All ends come before the first start: a start tells
 * that all is noted, however often that is cut off.
 * @param epochs the budget that they trained for
 */
export function eventsOf(attempts: readonly PaidAttempt[], epochs: number): StartEvent[] {
  const known = attempts.map(({ id: trialId, start, seconds, host, instance, wasTakenBack }) => ({
    ...{ trialId, attempt: `before-${start}`, host, instance },
    ...{ start, end: Math.round(start + seconds * 1000), isTakenBack: wasTakenBack },
  }));
  return [
    ...known.map(
      ({ end: at, trialId, attempt, isTakenBack }) => ({ kind: 'end', at, trialId, attempt, isTakenBack }) as const,
    ),
    ...known.map(
      ({ start: at, trialId, attempt, host, instance }) =>
        ({ kind: 'start', at, trialId, epochs, attempt, host, instance }) as const,
    ),
  ];
}

/** A start is noted moments after or before the time that a result tells; of two attempts that are closer, the nearer one. */
const SAME_START_MS = 60_000;

/**
 * Of these attempts those that have ended and that nothing else tells of, because they were killed: each until the next one at
 * its trial began, or its round was over. `numbers`: of trials, by id.
 */
export const killedAttempts = (
  attempts: readonly KnownAttempt[],
  told: readonly Pick<PaidAttempt, 'id' | 'start'>[],
  numbers: ReadonlyMap<string, number>,
): PaidAttempt[] =>
  untold(attempts, told).map(({ trialId: id, at: start, end, host, instance, isTakenBack: wasTakenBack }) => ({
    ...{ trial: numbers.get(id) ?? 0, id, host, instance, start, wasTakenBack },
    ...{ seconds: (end! - start) / 1000, outcome: 'interrupted' },
  }));

function untold(attempts: readonly KnownAttempt[], told: readonly Pick<PaidAttempt, 'id' | 'start'>[]): KnownAttempt[] {
  const byTrial = new Map<string, KnownAttempt[]>();
  for (const attempt of attempts) byTrial.set(attempt.trialId, [...(byTrial.get(attempt.trialId) ?? []), attempt]);
  const nearest = told.flatMap(({ id, start }) => {
    const apart = ({ at }: KnownAttempt) => Math.abs(at - start);
    const [first] = (byTrial.get(id) ?? []).toSorted((a, b) => apart(a) - apart(b));
    return first === undefined || apart(first) > SAME_START_MS ? [] : [first];
  });
  const known = new Set(nearest);
  // One that the budget did not last for was withdrawn at once.
  return attempts.filter((attempt) => attempt.end !== null && attempt.end > attempt.at && !known.has(attempt));
}

/** Those that began before it, and itself; at the same moment, the names decide. */
export function upTo(mine: BegunAttempt, attempts: readonly KnownAttempt[]): KnownAttempt[] {
  const nameOf = (attempt: BegunAttempt) => startEventName({ kind: 'start', ...attempt });
  const own = nameOf(mine);
  return attempts.filter((attempt) => nameOf(attempt) <= own);
}
