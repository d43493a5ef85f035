import { badInput } from '../../core/base/errors.ts';
import { didYouMean, show } from '../../core/base/text.ts';
import type { RankedTrial } from '../../core/sweep/leaderboard.ts';
import type { LeftText } from '../../objects/attempts.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { FoundSweep } from './find.ts';

/** What the commands need of a trial. */
export type NamedTrial = Pick<RankedTrial, 'id' | 'trial' | 'epochs'>;

/** A trial by its id, a beginning of it, its number, or its rank as `#1`; `best` is the first. */
export async function findTrial(sweep: FoundSweep, name: string): Promise<NamedTrial> {
  const trials = await knownTrials(sweep);
  const wanted = name === 'best' ? '#1' : name;
  const found = trials.filter(({ id, trial: number, rank }) =>
    wanted.startsWith('#')
      ? rank === Number(wanted.slice(1))
      : id === wanted || String(number) === wanted || (wanted.length >= 4 && id.startsWith(wanted)),
  );
  if (found[0] !== undefined && (found.length === 1 || found[0].id === wanted)) return found[0];
  const ids = trials.map(({ id }) => id);
  throw badInput(
    '',
    `received the trial ${show(name)}; allowed: a trial's id, its number (0 to ${trials.length - 1}), #rank or best${didYouMean(name, ids)}`,
  );
}

/** The leaderboard's trials, and those of the manifests that are not on it (yet), without a rank. */
async function knownTrials(sweep: FoundSweep): Promise<(NamedTrial & { readonly rank: number | null })[]> {
  const { outcome } = sweepObjects(sweep.store, sweep.sweepId);
  const [leaderboard, planned] = await Promise.all([outcome.leaderboard(), plannedTrials(sweep)]);
  const ranked = leaderboard?.trials ?? [];
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
