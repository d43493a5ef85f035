import { attemptsOfResult, interruptedAttempts } from '../core/money/attempts.ts';
import { eventsOf, type KnownAttempt } from '../core/money/starts.ts';
import type { Spec } from '../core/spec/spec.ts';
import { concurrently } from '../storage/concurrently.ts';
import type { ObjectStore } from '../storage/store.ts';
import { Attempts } from './attempts.ts';
import { type ResultName, Results } from './results.ts';
import { StartObjects } from './starts.ts';

const AT_ONCE = 64;

/**
 * Notes the attempts that a sweep made while it had no budget of dollars, so that one that it is given later counts them:
 * those that results tell of, and those that were told to stop and have had no result since. One that was killed left no word
 * of its time. Where all were noted, three listings tell that.
 */
export async function noteEarlierStarts({ budget }: Spec, store: ObjectStore, sweepId: string): Promise<void> {
  if (budget?.dollars === undefined) return;
  const starts = new StartObjects(store, sweepId);
  // One that the budget did not last for was noted, and withdrawn at once.
  const noted = (await starts.attempts()).filter(({ at, end }) => end === null || end > at);
  await Promise.all([noteResults(new Results(store, sweepId), starts, noted), noteInterrupted(store, sweepId, noted)]);
}

async function noteResults(results: Results, starts: StartObjects, noted: readonly KnownAttempt[]): Promise<void> {
  const key = ({ trialId, epochs }: ResultName) => `${trialId}/${epochs}`;
  const known = new Set(noted.map(key));
  const names = (await Array.fromAsync(results.list())).filter((name) => !known.has(key(name)));
  await concurrently(names, AT_ONCE, async (name) => {
    const result = await results.readable(name);
    if (result !== null) await starts.putAll(eventsOf(attemptsOfResult(result), result.epochs));
  });
}

/** A result tells of some of them as well: they are noted by the same names. */
async function noteInterrupted(store: ObjectStore, sweepId: string, noted: readonly KnownAttempt[]): Promise<void> {
  const known = new Set(noted.map(({ trialId, attempt }) => `${trialId}/${attempt}`));
  const starts = new StartObjects(store, sweepId);
  const all = await new Attempts(store, sweepId).allInterruptions();
  const open = all.filter(({ trialId, attempt }) => !known.has(`${trialId}/${attempt}`));
  await concurrently(open, AT_ONCE, ({ trialId, interruption }) =>
    starts.putAll(eventsOf(interruptedAttempts(0, trialId, [interruption]), interruption.epochs)),
  );
}
