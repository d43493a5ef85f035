import { hostname } from 'node:os';
import type { RecordedProfile } from '../../core/aws/deployment.ts';
import { trialsOn } from '../../core/aws/fleet.ts';
import { takenBy } from '../../core/aws/profiles.ts';
import { type Account, accountOf } from '../../core/money/account.ts';
import { attemptsOfResult, type PaidAttempt } from '../../core/money/attempts.ts';
import { allAttempts } from '../../core/money/costs.ts';
import { fleetOf, type ProfileFleet } from '../../core/money/fleet.ts';
import { PRICED_INSTANCES, type PriceBook, pricesBy } from '../../core/money/prices.ts';
import type { OpenMachine, SpentOptions } from '../../core/money/spent-so-far.ts';
import { roundEpochs } from '../../core/search/rounds.ts';
import { lanesOf, sureLanes } from '../../core/spec/packing.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { knownPrices } from '../../objects/prices.ts';
import { type SweepObjects, sweepObjects } from '../../objects/sweep-objects.ts';
import { untoldOf } from '../../objects/untold.ts';
import { concurrently } from '../../storage/concurrently.ts';
import type { Stack } from '../remote/stack.ts';
import type { FoundSweep } from './find.ts';

/** Objects read at once. */
const AT_ONCE = 64;

/** What a sweep has cost so far, by today's prices. Null: it has no spec. */
export async function costsSoFar({ store, sweepId, stack }: FoundSweep): Promise<Account | null> {
  const objects = sweepObjects(store, sweepId);
  const [recorded, best] = await Promise.all([objects.definition.recordedSpec(), objects.outcome.best()]);
  if (recorded === null) return null;
  const { spec, deployment } = recorded;
  const [attempts, priced] = await Promise.all([
    attemptsOf({ store, sweepId }),
    pricedBy(spec, { store, stack, deployment }),
  ]);
  return accountOf(attempts, { ...priced, best: best?.trialId ?? null });
}

interface Place extends Pick<FoundSweep, 'store' | 'stack'> {
  /** The profile as the sweep recorded it: it counts where the stack has none of that name, or there is no stack. */
  readonly deployment?: RecordedProfile | null;
}

/** By which prices a sweep is billed, and on which machine a trial is taken to run that has not told. */
export async function pricedBy(
  { compute }: Pick<Spec, 'compute'>,
  { store, stack, deployment = null }: Place,
): Promise<SpentOptions> {
  const profile = stack?.profiles[compute.profile];
  const known = await knownPrices(store, { compute }, profile ?? deployment);
  const book = (region: string): PriceBook => ({ region, ...known });
  const taken = profile === undefined ? null : takenBy(compute, profile);
  const lanes = sureLanes(lanesOf(compute));
  const slots: SpentOptions['slots'] = (type) => {
    const instance = PRICED_INSTANCES.find((each) => each.type === type);
    return instance === undefined || taken === null ? null : trialsOn(instance, taken) * lanes;
  };
  return { price: pricesBy(book), slots, machine: machineOf(stack, taken, book, lanes) };
}

function machineOf(
  stack: Stack | null,
  taken: ProfileFleet | null,
  book: (region: string) => PriceBook,
  lanes: number,
): OpenMachine {
  if (stack === null) return { host: hostname(), instance: undefined, slots: 1 };
  const machine = taken === null ? undefined : fleetOf(taken, book(stack.region))?.expected;
  const { type = 'unknown', purchase = 'spot', trials = 1 } = machine ?? {};
  const instance = { type, purchase: purchase === 'spot' ? 'spot' : 'on-demand', zone: stack.region };
  return { host: null, instance, slots: trials * lanes };
}

/** Every attempt that a machine was paid for, as far as anything tells of it. */
export async function attemptsOf({ store, sweepId }: Pick<FoundSweep, 'store' | 'sweepId'>): Promise<PaidAttempt[]> {
  const objects = sweepObjects(store, sweepId);
  const names = await Array.fromAsync(objects.results.list());
  const found = await concurrently(names, AT_ONCE, (name) => objects.results.readable(name));
  const known = found.filter((result) => result !== null);
  const planned = await plannedTrainings(objects);
  const done = new Set(known.map(({ trialId, epochs }) => `${trialId}.${epochs}`));
  const numbers = new Map(planned.map(({ id, trial }) => [id, trial]));
  const isAnyOpen = planned.some(({ id, epochs }) => !done.has(`${id}.${epochs}`));
  const untold = await untoldOf(objects, { isAnyOpen, done: known, numbers });
  return allAttempts(known.flatMap(attemptsOfResult), untold, numbers);
}

/** Each with the budget that it trains for. */
async function plannedTrainings({ definition, rounds, search }: SweepObjects): Promise<ManifestTrial[]> {
  const [spec, records] = await Promise.all([definition.spec(), rounds.all()]);
  const planned = await Promise.all(
    records.map(async (record) => {
      if (record.kind === 'asynchronous') return search.trials();
      const trials = await rounds.trials(record);
      return spec === null ? trials : trials.map((trial) => ({ ...trial, epochs: roundEpochs(spec, record) }));
    }),
  );
  return planned.flat();
}
