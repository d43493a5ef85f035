import { trialsOn } from '../../core/aws/fleet.ts';
import { takenBy } from '../../core/aws/profiles.ts';
import { type Account, accountOf } from '../../core/money/account.ts';
import { interruptedAttempts, type PaidAttempt, paidAttempts } from '../../core/money/attempts.ts';
import { PRICED_INSTANCES, pricesBy } from '../../core/money/prices.ts';
import { collect } from '../../core/trial/collected.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { concurrently } from '../../storage/concurrently.ts';
import type { FoundSweep } from './find.ts';
import { priceBook } from './kept-prices.ts';

/** Objects read at once. */
const AT_ONCE = 64;

/** Trials without a result whose attempts are looked for; more would keep a person waiting. */
const MAX_WITHOUT_RESULT = 1_000;

/** What a sweep has cost so far, by today's prices. Null: it has no spec. */
export async function costsSoFar({ store, sweepId, stack }: FoundSweep): Promise<Account | null> {
  const objects = sweepObjects(store, sweepId);
  const [spec, best] = await Promise.all([objects.definition.spec(), objects.outcome.best()]);
  if (spec === null) return null;
  const profile = stack?.profiles[spec.compute.profile];
  const taken = profile === undefined ? null : takenBy(spec.compute, profile);
  const own = (taken ?? spec.compute).dollarsPerHour ?? null;
  return accountOf(await attemptsOf({ store, sweepId }), {
    price: pricesBy((region) => priceBook(region, own)),
    slots: (type) => {
      const instance = PRICED_INSTANCES.find((each) => each.type === type);
      return instance === undefined || taken === null ? null : trialsOn(instance, taken);
    },
    best: best?.trialId ?? null,
  });
}

/** The attempts that results tell of, and those that were interrupted and have had no successor that ended. */
async function attemptsOf({ store, sweepId }: Pick<FoundSweep, 'store' | 'sweepId'>): Promise<PaidAttempt[]> {
  const { results, rounds, attempts } = sweepObjects(store, sweepId);
  const names = await Array.fromAsync(results.list());
  const found = await concurrently(names, AT_ONCE, (name) => results.readable(name));
  const ended = found.flatMap((result) =>
    result === null
      ? []
      : [
          collect(
            { trial: result.trial, id: result.trialId, epochs: result.epochs, parameters: {} },
            result.epochs,
            result,
          ),
        ],
  );
  const done = new Set(ended.map(({ record }) => record.id));
  const planned = (await Promise.all((await rounds.all()).map((record) => rounds.trials(record)))).flat();
  const open = planned.filter(({ id }) => !done.has(id)).slice(0, MAX_WITHOUT_RESULT);
  const interrupted = await concurrently(open, AT_ONCE, async ({ trial, id }) =>
    interruptedAttempts(trial, id, await attempts.interruptions(id).catch(() => [])),
  );
  return [...paidAttempts(ended), ...interrupted.flat()];
}
