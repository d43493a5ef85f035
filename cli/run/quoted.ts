import { typesOfFamilies } from '../../core/aws/fleet.ts';
import {
  CPU_FAMILIES,
  DEFAULT_GPU_FAMILIES,
  DEFAULT_MAX_VCPUS,
  DEFAULT_PROFILES,
  takenBy,
} from '../../core/aws/profiles.ts';
import { CorruptObject } from '../../core/base/errors.ts';
import { endsBeforeThrough, type Spend } from '../../core/money/cap.ts';
import { dollarsText, isShownAbove } from '../../core/money/dollars.ts';
import { type Fleet, fleetOf, ownFleet, type ProfileFleet } from '../../core/money/fleet.ts';
import type { PriceBook } from '../../core/money/prices.ts';
import { lessDone, quote } from '../../core/money/quote.ts';
import { foreseenRounds } from '../../core/search/forecast.ts';
import { jobsForTrials, lanesOf, trialsPerChild } from '../../core/spec/packing.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { AccessDenied } from '../../storage/errors.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { type EpochSeconds, epochSeconds } from '../lookup/epoch-seconds.ts';
import { priceBook, today } from '../lookup/kept-prices.ts';
import { agreed } from '../terminal/agreed.ts';
import { costLines, type Quoted, unknownCost } from '../terminal/cost-lines.ts';
import type { Output } from '../terminal/output.ts';

type Profile = ProfileFleet & {
  readonly dollarsPerHour?: number | undefined;
  /** Children of an asynchronous search; left out: as many as the machines hold. */
  readonly parallel?: number | undefined;
};

/** A profile as a deployment without a configuration has it; null for a name that it has not. */
export function defaultProfile(name: string): Profile | null {
  if (!Object.hasOwn(DEFAULT_PROFILES, name)) return null;
  const profile = DEFAULT_PROFILES[name as keyof typeof DEFAULT_PROFILES];
  const instanceTypes = profile.gpus > 0 ? typesOfFamilies(DEFAULT_GPU_FAMILIES, profile) : CPU_FAMILIES;
  return { ...profile, instanceTypes, maxVcpus: DEFAULT_MAX_VCPUS };
}

/** What is left of a sweep, and how long it takes. */
export interface Work {
  readonly spec: Spec & { readonly sweepId: string };
  /** Where the sweep keeps its objects; null: as of one that has none yet. */
  readonly store: ObjectStore | null;
  /** Null: not known. */
  readonly seconds: EpochSeconds | null;
}

/** What the sweep would cost on a profile; null where the seconds of an epoch, or the prices, are not known. */
export async function quotedOnAws(
  work: Work,
  profile: Profile,
  { region, asked: told }: Pick<PriceBook, 'region' | 'asked'>,
): Promise<Quoted | null> {
  const { compute } = work.spec;
  const taken = takenBy(compute, profile);
  const fleet = fleetOf(taken, { region, asked: told, own: taken.dollarsPerHour ?? null });
  const { maxParallel } = compute;
  const asked = maxParallel === undefined ? undefined : jobsForTrials(maxParallel, lanesOf(compute));
  const most = work.spec.search.asynchronous ? (asked ?? profile.parallel) : undefined;
  return quotedOn(
    work,
    fleet === null ? null : { ...fleet, atOnce: Math.min(fleet.atOnce, most ?? fleet.atOnce) },
    region,
  );
}

/** A sweep that is about to run on this machine. */
export interface HereSweep {
  /** As it was named. */
  readonly specPath: string;
  readonly spec: Work['spec'];
  readonly store: ObjectStore;
  readonly slots: number;
}

/** Tells what the sweep will cost here, where somebody has said what an hour of this machine costs. */
export async function tellCostHere({ specPath, spec, store, slots }: HereSweep, output: Output): Promise<void> {
  const { dollarsPerHour } = spec.compute;
  if (dollarsPerHour === undefined) return;
  const seconds = await epochSeconds({
    specPath,
    spec,
    said: undefined,
    store,
    isHere: true,
    here: true,
    profile: null,
  });
  const quoted = await quotedOn({ spec, store, seconds }, ownFleet(slots, priceBook('', dollarsPerHour)), null);
  tell(quoted === null ? [unknownCost(specPath)] : costLines(quoted), output);
}

async function quotedOn(
  { spec, store, seconds }: Work,
  fleet: Fleet | null,
  region: string | null,
): Promise<Quoted | null> {
  if (seconds === null || fleet === null) return null;
  const rounds = lessDone(foreseenRounds(spec), await doneResults(store, spec.sweepId));
  const { attempts } = spec.compute;
  const isLocal = region === null;
  const [perJob, lanes, fit] = [trialsPerChild(spec.compute), lanesOf(spec.compute), seconds.fit];
  const found = quote({ rounds, fleet, attempts, perJob, lanes, fit, secondsAnEpoch: seconds.seconds, isLocal });
  return {
    quote: found,
    secondsBy: seconds.source,
    lanes,
    fit,
    region,
    today: today(),
    cut: endsBeforeThrough(spec.budget, found.expected, Date.now(), await spendBefore(store, spec)),
  };
}

/** What a sweep that goes on has had of its budget; of a first start, and where that cannot be told, nothing. */
async function spendBefore(store: Work['store'], spec: Work['spec']): Promise<Spend> {
  if (store === null) return { firstStart: null };
  const { budget, lock } = sweepObjects(store, spec.sweepId);
  try {
    // What a run that was killed left open ended when that was last heard of.
    const held = (await lock.held())?.lock;
    return await budget.spend(spec, held?.refreshed ?? new Date().toISOString());
  } catch (error) {
    if (error instanceof CorruptObject || error instanceof AccessDenied) return { firstStart: null };
    throw error;
  }
}

/** Results by budget, which a sweep that goes on reuses. */
async function doneResults(store: Work['store'], sweepId: string): Promise<Map<number, number>> {
  const done = new Map<number, number>();
  if (store === null) return done;
  for await (const { epochs } of sweepObjects(store, sweepId).results.list())
    done.set(epochs, (done.get(epochs) ?? 0) + 1);
  return done;
}

function tell(lines: readonly string[], output: Output): void {
  for (const [index, line] of lines.entries()) output.note(`${index === 0 ? 'cost  ' : '      '}${line}`);
}

/** Dollars that are spent without a question unless budget.askAbove says otherwise. */
const ASK_ABOVE = 20;

/**
 * Tells what a sweep would cost, and asks where that is much.
 * @returns whether to go on
 * @throws BadInput where it is much, nobody can be asked and `yes` was not said
 */
export async function agreedToCost(
  quoted: Quoted,
  { budget }: Pick<Spec, 'budget'>,
  yes: boolean | undefined,
  output: Output,
): Promise<boolean> {
  const limit = budget?.askAbove ?? ASK_ABOVE;
  const { expected } = quoted.quote;
  tell(costLines(quoted), output);
  if (!isShownAbove(expected.dollars, limit)) return true;
  const question = `It is expected to cost ${dollarsText(expected.dollars)}, more than ${dollarsText(limit)} (budget.askAbove). Start it?`;
  const goesOn = await agreed(question, yes, output);
  if (!goesOn) output.note('Nothing was started.');
  return goesOn;
}
