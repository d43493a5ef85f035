import { largestOf, leastOf } from '../base/numbers.ts';
import type { PaidAttempt } from './attempts.ts';
import { START_SECONDS, TAIL_SECONDS } from './rates.ts';

/** A machine from its start to its end, as its attempts tell of it. */
export interface Life {
  readonly attempts: readonly PaidAttempt[];
  /** Milliseconds since 1970: billed from, and to. */
  readonly from: number;
  readonly to: number;
  /** Most attempts at once. */
  readonly atOnce: number;
  /** EC2 took it back before its first hour was over, which it does not charge. */
  readonly isFree: boolean;
}

const FREE_SECONDS = 3600;

/**
 * The lives of the machines that attempts ran on. EC2 starts an instance some minutes before its first attempt and ends it
 * some minutes after its last; between two that are further apart than that it was another instance. A machine of one's own is
 * taken while attempts run.
 */
export function livesOf(attempts: readonly PaidAttempt[]): Life[] {
  const hosts = new Map<string, PaidAttempt[]>();
  for (const attempt of attempts) {
    const name = `${attempt.host}\n${attempt.instance?.type ?? ''}\n${attempt.instance?.zone ?? ''}`;
    const known = hosts.get(name);
    if (known === undefined) hosts.set(name, [attempt]);
    else known.push(attempt);
  }
  return [...hosts.values()].flatMap(livesOfHost);
}

/** A large image may take longer to pull than a machine usually takes to start. */
const pulledFrom = ({ start, phases }: PaidAttempt): number => start - (phases?.pulling ?? 0) * 1000;

const endOf = ({ start, seconds }: PaidAttempt): number => start + seconds * 1000;

function livesOfHost(attempts: readonly PaidAttempt[]): Life[] {
  const groups: PaidAttempt[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const attempt of attempts.toSorted((a, b) => a.start - b.start)) {
    const pause = attempt.instance === undefined ? 0 : (START_SECONDS + TAIL_SECONDS) * 1000;
    if (attempt.start > end + pause) groups.push([]);
    groups.at(-1)!.push(attempt);
    end = Math.max(end, endOf(attempt));
  }
  return groups.map(lifeOf);
}

function lifeOf(attempts: readonly PaidAttempt[]): Life {
  const isOwn = attempts[0]!.instance === undefined;
  const last = largestOf(attempts.map(endOf));
  const wasTakenBack =
    !isOwn && attempts.some((attempt) => attempt.wasTakenBack && endOf(attempt) >= last - TAIL_SECONDS * 1000);
  const first = leastOf(attempts.map(({ start }) => start));
  const from = isOwn ? first : leastOf([first - START_SECONDS * 1000, ...attempts.map(pulledFrom)]);
  const to = last + (isOwn || wasTakenBack ? 0 : TAIL_SECONDS * 1000);
  return { attempts, from, to, atOnce: mostAtOnce(attempts), isFree: wasTakenBack && to - from < FREE_SECONDS * 1000 };
}

function mostAtOnce(attempts: readonly PaidAttempt[]): number {
  const changes = attempts
    .flatMap((attempt) => [
      { at: attempt.start, by: 1 },
      { at: endOf(attempt), by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let [now, most] = [0, 0];
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
