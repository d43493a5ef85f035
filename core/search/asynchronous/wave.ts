import {
  arrayOf,
  type ClaimName,
  type Control,
  type Ended,
  type ListedClaim,
  type Unit,
  type Wave,
} from '../../layout/asynchronous.ts';
import type { ResultName } from '../../layout/keys.ts';
import { FAILURES } from '../../trial/failure.ts';
import { unfinished, type View } from './choice.ts';
import { reasonToEnd } from './end.ts';
import { atBudget, isFree, type UnitStarts, unitName } from './known.ts';
import { promotion } from './promotion.ts';
import type { AsynchronousSweep } from './sweep.ts';

/** A wave as planned, before its children start. */
export interface WavePlan {
  readonly execution: string;
  /** The execution's own count of its waves. */
  readonly round: number;
  readonly children: number;
  /** Arrays that have ended, whatever is known of their children. */
  readonly dead: readonly string[];
  readonly results: number;
  /** Starts of units, those that were given up left out. */
  readonly starts: number;
}

/**
 * The wave that an execution runs. Repeating the call for the same round gives the same wave, so that a repeated plan takes
 * no work from children that have begun. Otherwise the wave is new and closes the one before.
 */
export function nextWave(before: Wave | null, plan: WavePlan): Wave {
  if (before !== null && before.execution === plan.execution && before.round === plan.round) return before;
  const { execution, round, children, results, starts } = plan;
  return {
    wave: before === null ? 0 : before.wave + 1,
    execution,
    round,
    children,
    dead: [...new Set([...(before?.dead ?? []), ...plan.dead])],
    closed: null,
    before: { results, starts },
  };
}

/** Whether the planned wave is the existing one, found again. */
export const isSameWave = (before: Wave | null, wave: Wave): boolean => before !== null && before.wave === wave.wave;

/** The arrays to ask Batch about before planning a wave: those that own units without a result. */
export function arraysInQuestion({ owners, wave }: Pick<View, 'owners'> & { readonly wave: Wave | null }): string[] {
  const arrays = new Set([...owners.values()].map(({ owner }) => arrayOf(owner)));
  return [...arrays].filter((array) => !wave?.dead.includes(array)).sort();
}

export const startsIn = (units: Iterable<UnitStarts>): number =>
  [...units].reduce((sum, { starts }) => sum + starts, 0);

export const resultsIn = ({ budgets }: Pick<View['known'], 'budgets'>): number =>
  [...budgets.values()].reduce((sum, { ended }) => sum + ended.size, 0);

/** How many trainings could begin at once, up to `most`: more children would have nothing to do. */
export function beginnable(sweep: AsynchronousSweep, view: Pick<View, 'units' | 'known'>, most: number): number {
  let { known } = view;
  let count = unfinished(sweep, view).length;
  for (let number = 0; number < known.numbers && count < most; number++) if (isFree(known, number)) count += 1;
  for (; count < most; count++) {
    const next = promotion(sweep.spec, known);
    if (next === null) break;
    known = withClaim(known, next);
  }
  return Math.min(count, most);
}

function withClaim(known: View['known'], { number, epochs }: Unit): View['known'] {
  const { claimed, ended } = atBudget(known, epochs);
  const budgets = new Map(known.budgets).set(epochs, { claimed: new Set(claimed).add(number), ended });
  return { ...known, budgets };
}

export type AfterWave =
  /** The search is through: what may follow is what follows the last round, trials that confirm and the promotion. */
  | { readonly next: 'through' }
  | { readonly next: 'wave' }
  | { readonly next: 'paused' }
  /** A whole wave did nothing, so another would do nothing either. */
  | { readonly next: 'stuck'; readonly because: string };

/**
 * What follows a wave whose children have all ended. It ends after finitely many waves: each that leads to another has added
 * a result or a start, and both are limited. A start is enough: it may belong to a second array, submitted because the
 * answer to the first submission was lost. Nothing waits for that array, and the next wave ends it.
 */
export function afterWave(
  sweep: AsynchronousSweep,
  { wave, units, known, seen }: View,
  control: Control,
  ended: Ended | null,
): AfterWave {
  if (ended?.execution === wave.execution || !isAnythingLeft(sweep, { units, known })) return { next: 'through' };
  if (control.paused) return { next: 'paused' };
  // The pause was lifted before the last child had ended.
  if (wave.closed === 'paused') return { next: 'wave' };
  if (resultsIn(known) > wave.before.results || startsIn(units.values()) > wave.before.starts) return { next: 'wave' };
  const open = unfinished(sweep, { units, known }).length;
  return {
    next: 'stuck',
    because: `wave ${wave.wave} ended and began nothing, with ${open} trainings begun and ${Math.max(0, seen.numbers - known.points.size)} trials not begun; sweep status shows how its jobs ended`,
  };
}

export function isAnythingLeft(sweep: AsynchronousSweep, view: Pick<View, 'units' | 'known'>): boolean {
  const { known } = view;
  if (unfinished(sweep, view).length > 0 || promotion(sweep.spec, known) !== null) return true;
  for (let number = 0; number < known.numbers; number++) if (isFree(known, number)) return true;
  return false;
}

function withoutResults(known: View['known'], gone: ReadonlyMap<string, ResultName>): View['known'] {
  const left = [...known.budgets].map(([epochs, { claimed, ended }]) => {
    const kept = [...ended].filter(([number]) => !gone.has(unitName({ number, epochs })));
    return [epochs, { claimed, ended: new Map(kept) }] as const;
  });
  return { ...known, budgets: new Map(left) };
}

/** What an execution undoes first when it resumes a sweep, in this order. */
export interface Forgiven {
  /** Claims to be marked as given up, so that the starts behind a failure do not count. */
  readonly release: readonly ClaimName[];
  /** Results to be removed. */
  readonly discard: readonly ResultName[];
}

/**
 * The units that a resumed sweep trains with fresh attempts: those that failed with a class that is not final, and those
 * that an earlier execution began but did not finish, perhaps because someone stopped it. None if the search has ended
 * without them: it would not train them again, and the leaderboard would lack them.
 */
export function forgiven(
  sweep: AsynchronousSweep,
  claims: readonly ListedClaim[],
  view: Pick<View, 'known' | 'units'>,
  trialId: (number: number) => string | undefined,
): Forgiven {
  const failed = new Map<string, ResultName>();
  for (const [epochs, { ended }] of view.known.budgets)
    for (const [number, { value, failureClass }] of ended) {
      const id = trialId(number);
      if (value !== null || id === undefined || (failureClass !== null && FAILURES[failureClass].final)) continue;
      failed.set(unitName({ number, epochs }), { trialId: id, epochs });
    }
  if (reasonToEnd(sweep.spec, withoutResults(view.known, failed)) !== null) return { release: [], discard: [] };
  const again = new Set([...failed.keys(), ...unfinished(sweep, view).map(unitName)]);
  const release = claims.filter((claim) => !claim.released && again.has(unitName(claim)));
  return {
    release: release.map(({ number, epochs, generation }) => ({ number, epochs, generation })),
    discard: [...failed.values()],
  };
}
