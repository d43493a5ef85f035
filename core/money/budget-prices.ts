import * as z from 'zod';
import { type PurchaseOption, purchaseOptions, type Spot } from '../aws/purchase.ts';
import { badInput } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import { firstOf, show } from '../base/text.ts';
import type { Spec } from '../spec/spec.ts';
import type { Instance } from '../trial/instance.ts';
import {
  type AskedPrices,
  LIST_REGION,
  originText,
  type Price,
  priceFor,
  priceSchema,
  purchaseOf,
  refreshHint,
} from './prices.ts';
import { namedTypes } from './types.ts';

/** `budget/prices.json`: what machines cost under a budget of dollars, so that whoever asks has the same prices. */
export const budgetPricesSchema = z.object({
  /** When they were put down, ISO 8601. */
  date: z.string(),
  /** Of any machine, where its owner says so; null: nobody does. */
  own: priceSchema.nullable(),
  /** Of the types that the profile may take. */
  types: z.array(
    z.object({
      type: z.string(),
      purchase: z.enum(['spot', 'onDemand'] satisfies PurchaseOption[]),
      price: priceSchema,
    }),
  ),
});
export type BudgetPrices = z.output<typeof budgetPricesSchema>;

/** What is known of the machines of a profile. */
export interface PricedProfile {
  /** Null: it is a machine of one's own. */
  readonly region: string | null;
  /** Left out by stacks of earlier versions, and of a machine of one's own. */
  readonly instanceTypes?: readonly string[] | undefined;
  readonly spot?: Spot | undefined;
  readonly dollarsPerHour?: number | undefined;
  /** What AWS told of the region's prices; null or left out: nothing. */
  readonly asked?: AskedPrices | null;
}

/** Whether what a sweep has spent comes to the same by both, whenever they were put down. */
export const arePricesSame = (a: BudgetPrices, b: BudgetPrices): boolean =>
  canonicalJson({ ...a, date: '' }) === canonicalJson({ ...b, date: '' });

/** Types that a message names. */
const MAX_NAMED = 6;

/**
 * The prices that a budget of dollars is counted by; null: the spec has no such budget.
 * @param now ISO 8601
 * @throws BadInput where a machine of the profile has no price
 */
export function budgetPrices(
  { budget, compute }: Pick<Spec, 'budget' | 'compute'>,
  profile: PricedProfile,
  now: string,
): BudgetPrices | null {
  if (budget?.dollars === undefined) return null;
  const own = compute.dollarsPerHour ?? profile.dollarsPerHour;
  if (own !== undefined) return { date: now, own: { dollars: own, kind: 'own', asOf: null, region: null }, types: [] };
  const received = `received ${show(budget.dollars)}`;
  const { instanceTypes, spot = true, region, asked = null } = profile;
  if (instanceTypes === undefined)
    throw badInput(
      'budget.dollars',
      region === null
        ? `${received}, but the hourly cost of this machine is unknown; set compute.dollarsPerHour, or set budget.hours instead`
        : `${received}, but the stack does not list the instance types of its profiles: it was deployed by an earlier version, or has too many profiles; deploy it again, with fewer profiles, or set compute.dollarsPerHour`,
    );
  const book = { region: region ?? LIST_REGION, asked, own: null };
  const types: BudgetPrices['types'] = [];
  const unknown = new Set<string>();
  for (const type of namedTypes(instanceTypes))
    for (const purchase of purchaseOptions(spot)) {
      const price = priceFor({ type, purchase, zone: null }, book);
      if (price === null) unknown.add(type);
      else types.push({ type, purchase, price });
    }
  if (unknown.size > 0) throw badInput('budget.dollars', `${received}, but ${unpriced([...unknown], compute.profile)}`);
  return { date: now, own: null, types };
}

function unpriced(types: readonly string[], profile: string): string {
  return `no price is known for ${firstOf(types, MAX_NAMED)}, which profile ${profile} may take; set compute.dollarsPerHour to the hourly cost of the most expensive one, or use a profile with other types`;
}

/** By which prices a budget counts, and how old they are, as a sentence without its stop. `today`: as 2026-07-20. */
export function pricesText({ own, types }: BudgetPrices, region: string, today: string): string {
  const prices = own === null ? types.map(({ price }) => price) : [own];
  const origins = [...new Set(prices.map((price) => originText(price, today)))];
  const hint = refreshHint(prices, region, today);
  return `budget.dollars counts by ${origins.join('; ')}${hint === null ? '' : `; ${hint}`}`;
}

/** The price of the machine that an attempt ran on; of one that does not tell what it is, the dearest there is. */
export function priceOfMachine({ own, types }: BudgetPrices, instance: Instance | undefined): Price | null {
  if (own !== null) return own;
  const purchase = purchaseOf(instance);
  const known = types.find((each) => each.type === instance?.type && each.purchase === purchase);
  if (known !== undefined) return known.price;
  const dearest = types.toSorted((a, b) => b.price.dollars - a.price.dollars)[0];
  return dearest?.price ?? null;
}
