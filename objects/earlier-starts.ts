import { attemptsOfResult } from '../core/money/attempts.ts';
import { eventsOf } from '../core/money/starts.ts';
import type { Spec } from '../core/spec/spec.ts';
import { concurrently } from '../storage/concurrently.ts';
import type { ObjectStore } from '../storage/store.ts';
import { type ResultName, Results } from './results.ts';
import { StartObjects } from './starts.ts';

const AT_ONCE = 64;

/**
 * Notes the attempts of trainings that ended while the sweep had no budget of dollars, so that one that it is given later
 * counts them. Where all were noted, two listings tell that.
 */
export async function noteEarlierStarts({ budget }: Spec, store: ObjectStore, sweepId: string): Promise<void> {
  if (budget?.dollars === undefined) return;
  const results = new Results(store, sweepId);
  const starts = new StartObjects(store, sweepId);
  const key = ({ trialId, epochs }: ResultName) => `${trialId}/${epochs}`;
  // One that the budget did not last for was noted, and withdrawn at once.
  const noted = new Set((await starts.attempts()).filter(({ at, end }) => end === null || end > at).map(key));
  const names = (await Array.fromAsync(results.list())).filter((name) => !noted.has(key(name)));
  await concurrently(names, AT_ONCE, async (name) => {
    const result = await results.readable(name);
    if (result === null) return;
    for (const event of eventsOf(attemptsOfResult(result), result.epochs)) await starts.put(event);
  });
}
