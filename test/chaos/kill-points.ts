import { uniforms } from '../../core/base/random.ts';
import type { KillPoint, Recorded, Strike } from './kill.ts';
import type { Moment } from './kill-switch.ts';

/** Every change that the run came by, before it, after it and, where that can be, in the middle of it. */
export function pointsOf({ changes }: Pick<Recorded, 'changes'>): KillPoint[] {
  const passed = new Map<string, number>();
  return changes.flatMap((line) => {
    const change = line.replace(/ half$/, '');
    const nth = (passed.get(change) ?? 0) + 1;
    passed.set(change, nth);
    const moments: Moment[] = line === change ? ['before', 'after'] : ['before', 'half', 'after'];
    return moments.map((moment) => ({ change, nth, moment }));
  });
}

/** A strike for each point of the recorded runs. */
export function allStrikes(recorded: readonly Recorded[]): Strike[] {
  return recorded.flatMap((run) => pointsOf(run).map((point) => ({ sweep: run.sweep, runs: [...run.runs, point] })));
}

const kindOf = ({ change, moment }: KillPoint): string => `${moment} ${change}`;
/**
 * What the disk holds after a change is what it holds before the next one, and a folder that is made too early or not at
 * all is what the next change finds: only the whole list kills there.
 */
const isWorthIt = ({ change, moment }: KillPoint): boolean => moment !== 'after' && !change.startsWith('mkdir');
/** Kills in one place, one after another, so that the subset costs fewer whole sweeps. */
const IN_A_ROW = 4;

interface Place {
  readonly run: Recorded;
  readonly point: KillPoint;
  /** Among the run's points. */
  readonly position: number;
}

/**
 * Strikes that come by each kind of change, before it and in the middle of it, once: in which of the recorded runs, and at which of its
 * occurrences there, the seed decides. They stand in rows, each of whose kills hits the resumption of the one before it, as
 * far behind it as can be.
 */
export function chosenStrikes(recorded: readonly Recorded[], seed: number): Strike[] {
  const places = recorded.flatMap((run) => pointsOf(run).map((point, position): Place => ({ run, point, position })));
  const kinds = Map.groupBy(
    places.filter(({ point }) => isWorthIt(point)),
    ({ point }) => kindOf(point),
  );
  const chosen = [...kinds].map(([kind, found]) => found[Math.floor(uniforms(seed, kind, 0, 1)[0]! * found.length)]!);
  return recorded.flatMap((run) =>
    inRows(chosen.filter((place) => place.run === run).sort((a, b) => a.position - b.position)),
  );
}

function inRows(places: readonly Place[]): Strike[] {
  const step = Math.ceil(places.length / IN_A_ROW);
  return places.slice(0, step).map(({ run: { sweep, runs } }, start) => {
    const row = places.filter((_, index) => index % step === start);
    return { sweep, runs: [...runs, ...row.map((place, index) => countedFrom(row[index - 1], place))] };
  });
}

/** The place as a run counts it that goes on where the one before it was killed. */
function countedFrom(before: Place | undefined, { run, point, position: _ }: Place): KillPoint {
  if (before === undefined) return point;
  const gone = pointsOf(run)
    .slice(0, before.position)
    .filter((one) => kindOf(one) === kindOf(point)).length;
  return { ...point, nth: point.nth - gone };
}
