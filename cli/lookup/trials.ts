import { badInput } from '../../core/base/errors.ts';
import { didYouMean, show } from '../../core/base/text.ts';
import type { RankedTrial } from '../../core/sweep/leaderboard.ts';
import { namesTrial } from '../../core/sweep/which-sweep.ts';
import type { LeftText } from '../../objects/attempts.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type FoundSweep, findSweep, localSweeps, type Where } from './find.ts';
import { resultsOf } from './state.ts';

/** What the commands need of a trial. */
export type NamedTrial = Pick<RankedTrial, 'id' | 'trial' | 'epochs'>;

/** A trial by its id, a beginning of it, its number, or its rank as `#1`; `best` is the first. */
export async function findTrial(sweep: FoundSweep, name: string): Promise<NamedTrial> {
  const trials = await knownTrials(sweep);
  const wanted = name === 'best' ? '#1' : name;
  const ways = [
    ({ rank }: KnownTrial) => wanted.startsWith('#') && rank === Number(wanted.slice(1)),
    ({ id }: KnownTrial) => id === wanted,
    ({ trial: number }: KnownTrial) => String(number) === wanted,
    ({ id }: KnownTrial) => wanted.length >= 4 && id.startsWith(wanted),
  ];
  // An exact name comes before what only begins so.
  const found = ways.map((isMeant) => trials.filter(isMeant)).find(({ length }) => length > 0) ?? [];
  if (found[0] !== undefined && found.length === 1) return found[0];
  const ids = trials.map(({ id }) => id);
  throw badInput(
    '',
    `received the trial ${show(name)}; allowed: a trial's id, its number (0 to ${trials.length - 1}), #rank or best${didYouMean(name, ids)}`,
  );
}

type KnownTrial = NamedTrial & { readonly rank: number | null; readonly failureClass?: string | undefined };

/** A sweep and a trial by what was typed: both, either of them, or nothing; `trial` null: none was named. */
export async function sweepAndTrial(
  first: string | undefined,
  second: string | undefined,
  where: Where,
  say: (sentence: string) => void,
): Promise<{ readonly sweep: FoundSweep; readonly trial: string | null }> {
  const isTrial = first !== undefined && second === undefined && namesTrial(first) && !(await isSweep(first, where));
  return isTrial
    ? { sweep: await findSweep(undefined, where, say), trial: first }
    : { sweep: await findSweep(first, where, say), trial: second ?? null };
}

const isSweep = async (id: string, where: Where): Promise<boolean> =>
  (await localSweeps(where)).some(({ sweepId }) => sweepId === id);

/** The leaderboard's trials, and those of the manifests that are not on it (yet), without a rank. */
async function knownTrials(sweep: FoundSweep): Promise<KnownTrial[]> {
  const planned = await plannedTrials(sweep);
  const ranked = planned.length === 0 ? [] : (await resultsOf(sweep)).leaderboard.trials;
  const known = new Set(ranked.map(({ id }) => id));
  const trials = [...ranked, ...planned.filter(({ id }) => !known.has(id)).map((trial) => ({ ...trial, rank: null }))];
  if (trials.length === 0) throw badInput('', `the sweep ${sweep.sweepId} has no trials yet; wait for the first round`);
  return trials;
}

async function plannedTrials({ store, sweepId }: FoundSweep): Promise<NamedTrial[]> {
  const { rounds } = sweepObjects(store, sweepId);
  return (await Promise.all((await rounds.all()).map((record) => rounds.trials(record)))).flat();
}

/** The attempt of a trial whose files count: the one its result names, else the latest there is. */
export async function attemptOf(sweep: FoundSweep, { id, epochs }: NamedTrial): Promise<string | null> {
  const { results, attempts } = sweepObjects(sweep.store, sweep.sweepId);
  return (await results.readable({ trialId: id, epochs }))?.attempt ?? attempts.latest(id);
}

/** What that attempt printed; null where there is none. */
export async function logOf(sweep: FoundSweep, trial: NamedTrial, attempt: string | null): Promise<LeftText | null> {
  if (attempt === null) return null;
  const { results, attempts } = sweepObjects(sweep.store, sweep.sweepId);
  const result = await results.readable({ trialId: trial.id, epochs: trial.epochs });
  return attempts.ofTrial(trial.id, attempt).log(result?.facts.texts);
}

/** The trial whose log tells most when none is named: one that failed, else the best, else the first. */
export async function tellingTrial(sweep: FoundSweep, say: (sentence: string) => void): Promise<NamedTrial> {
  const trials = await knownTrials(sweep);
  const failed = trials.find(({ failureClass }) => failureClass !== undefined);
  const chosen = failed ?? trials.find(({ rank }) => rank === 1) ?? trials[0]!;
  const why = failed !== undefined ? `, which failed (${failed.failureClass})` : chosen.rank === 1 ? ', the best' : '';
  say(`Trial ${chosen.trial} (${chosen.id})${why}:`);
  return chosen;
}
