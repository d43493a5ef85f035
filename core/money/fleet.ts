import { trialsAtOnce, trialsOn } from '../aws/fleet.ts';
import type { Instance } from '../aws/instance-table.ts';
import { familyOf, holds, type TrialSize } from '../aws/instances.ts';
import { type PurchaseOption, purchaseOptions, type Spot } from '../aws/purchase.ts';
import { PRICED_INSTANCES, type Price, type PriceBook, priceFor } from './prices.ts';

/** A kind of machine as its trials pay for it. */
export interface Machine {
  readonly type: string;
  readonly purchase: PurchaseOption;
  /** Trials that it holds at once. */
  readonly trials: number;
  readonly price: Price;
}

/** What decides on which machines the trials of a profile run. */
export interface ProfileFleet extends TrialSize {
  readonly instanceTypes: readonly string[];
  readonly spot: Spot;
  readonly maxVcpus: number;
}

/** The machines that a sweep is quoted on. */
export interface Fleet {
  /** Those that Batch takes as long as it finds them: the cheapest a trial, by the first purchase option. */
  readonly expected: Machine;
  /** The dearest a trial by that option. */
  readonly dear: Machine;
  /** The dearest a trial that it may take instead. */
  readonly worst: Machine;
  /** Trials that run at once. */
  readonly atOnce: number;
  readonly spot: Spot;
}

/** The fleet of a profile; null where no price of its machines is known. */
export function fleetOf(profile: ProfileFleet, book: PriceBook): Fleet | null {
  const [first, ...others] = purchaseOptions(profile.spot).map((purchase) => machinesOf(profile, purchase, book));
  const [expected, dear, worst] = [first![0], first!.at(-1), (others.at(-1) ?? first!).at(-1)];
  if (expected === undefined || dear === undefined || worst === undefined) return null;
  const instance = PRICED_INSTANCES.find(({ type }) => type === expected.type)!;
  const whole = { ...expected, vcpus: instance.vcpus, dollarsPerTrialHour: null };
  return { expected, dear, worst, atOnce: trialsAtOnce(whole, profile, profile.maxVcpus), spot: profile.spot };
}

/** The machines that hold a trial, the cheapest for each trial first; of equal ones the smallest. */
function machinesOf(profile: ProfileFleet, purchase: PurchaseOption, book: PriceBook): Machine[] {
  const each = ({ trials, price }: Machine) => price.dollars / trials;
  return PRICED_INSTANCES.filter((instance) => isMeant(instance, profile.instanceTypes) && holds(instance, profile))
    .flatMap((instance): Machine[] => {
      const { type } = instance;
      const price = priceFor({ type, purchase, zone: null }, book);
      return price === null ? [] : [{ type, purchase, trials: trialsOn(instance, profile), price }];
    })
    .sort((a, b) => Number((each(a) - each(b)).toPrecision(6)) || a.trials - b.trials);
}

const isMeant = ({ type }: Instance, named: readonly string[]): boolean =>
  named.includes(type) || named.includes(familyOf(type));

/** A machine of one's own, for its price of an hour, with `slots` trials at once. */
export function ownFleet(slots: number, book: PriceBook): Fleet | null {
  const price = priceFor({ type: 'this machine', purchase: 'onDemand', zone: null }, book);
  if (price === null) return null;
  const machine: Machine = { type: 'this machine', purchase: 'onDemand', trials: slots, price };
  return { expected: machine, dear: machine, worst: machine, atOnce: slots, spot: false };
}
