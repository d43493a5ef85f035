import * as z from 'zod';
import { INSTANCES, INSTANCES_AS_OF, type Instance } from '../aws/instance-table.ts';
import type { PurchaseOption } from '../aws/purchase.ts';
import type { Instance as OwnInstance } from '../trial/instance.ts';
import { CPU_INSTANCES, CPU_PRICES_AS_OF } from './cpu-instances.ts';
import { SPOT_SAVINGS, SPOT_SAVINGS_AS_OF, SPOT_SAVINGS_REGIONS } from './spot-savings.ts';

const day = z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/);
const dollars = z.number().positive();

/** Prices of a region that `sweep prices --refresh` asked AWS for, each with the day it was asked. */
export const askedPricesSchema = z.object({
  region: z.string(),
  /** By type: dollars an hour, on demand, Linux. */
  onDemand: z.record(z.string(), z.object({ dollars, asOf: day })),
  /** By type and Availability Zone: dollars an hour on Spot, Linux. */
  spot: z.record(z.string(), z.object({ zones: z.record(z.string(), dollars), asOf: day })),
});
export type AskedPrices = z.output<typeof askedPricesSchema>;

/** Prices with those that were asked for since, which replace none of other types; those of another region are left out. */
export const withAsked = (before: AskedPrices | null, asked: AskedPrices): AskedPrices =>
  before?.region !== asked.region
    ? asked
    : {
        region: asked.region,
        onDemand: { ...before.onDemand, ...asked.onDemand },
        spot: { ...before.spot, ...asked.spot },
      };

/** All that is known of prices for one sweep. */
export interface PriceBook {
  readonly region: string;
  /** What AWS was asked for; null: nothing. */
  readonly asked: AskedPrices | null;
  /** Dollars an hour of any instance, which its owner says; null: nobody does. */
  readonly own: number | null;
}

/**
 * own: its owner says it. asked: AWS told it when asked. list: of the table that comes with the product. estimate: a price
 * on demand less what Spot instances of the type saved when the Spot Instance Advisor was read. limit: the price on demand,
 * for a Spot instance whose saving nobody knows; it costs no more.
 */
const PRICE_KINDS = ['own', 'asked', 'list', 'estimate', 'limit'] as const;
export type PriceKind = (typeof PRICE_KINDS)[number];

/** The price of a whole instance. */
export const priceSchema = z.object({
  /** Dollars an hour. */
  dollars: z.number(),
  kind: z.enum(PRICE_KINDS),
  /** The day of its oldest part; null: its owner says it, today. */
  asOf: day.nullable(),
  /** The region that it is of, which may be another than the sweep's; null: its owner says it. */
  region: z.string().nullable(),
});
export type Price = Readonly<z.output<typeof priceSchema>>;

/** The region of the list prices. */
export const LIST_REGION = 'us-east-1';

/** Every type of which anything is known. */
export const PRICED_INSTANCES: readonly Instance[] = [...INSTANCES, ...CPU_INSTANCES];

const LISTED = new Map<string, { readonly onDemand: number | null; readonly asOf: string }>([
  ...INSTANCES.map(({ type, onDemand }) => [type, { onDemand, asOf: INSTANCES_AS_OF }] as const),
  ...CPU_INSTANCES.map(({ type, onDemand }) => [type, { onDemand, asOf: CPU_PRICES_AS_OF }] as const),
]);

const SAVINGS = new Map(SPOT_SAVINGS.map(([type, ...cells]) => [type, cells]));

/** An instance as a price is asked for: `zone` null stands for any zone of the region. */
export interface Priced {
  readonly type: string;
  readonly purchase: PurchaseOption;
  readonly zone: string | null;
}

/** What an hour of an instance costs, by the best that is known; null where nothing is. */
export function priceFor({ type, purchase, zone }: Priced, book: PriceBook): Price | null {
  if (book.own !== null) return { dollars: book.own, kind: 'own', asOf: null, region: null };
  if (purchase === 'onDemand') return onDemandPrice(type, book);
  const asked = askedSpotPrice(type, zone, book);
  if (asked !== null) return asked;
  const onDemand = onDemandPrice(type, book);
  const saved = savingOf(type, book.region);
  if (onDemand === null) return null;
  if (saved === null) return { ...onDemand, kind: 'limit' };
  return {
    dollars: onDemand.dollars * (1 - saved.share),
    kind: 'estimate',
    asOf: [onDemand.asOf!, SPOT_SAVINGS_AS_OF].sort()[0]!,
    region: onDemand.region === saved.region ? saved.region : LIST_REGION,
  };
}

/** How the price of the instance that an attempt ran on, or of a machine of one's own (undefined), is found in books by region. */
export const pricesBy =
  (book: (region: string) => PriceBook) =>
  (instance: OwnInstance | undefined): Price | null =>
    priceFor(
      {
        type: instance?.type ?? 'this machine',
        purchase: purchaseOf(instance),
        zone: instance?.zone ?? null,
      },
      book(instance === undefined ? '' : regionOf(instance.zone)),
    );

/** Whatever is not bought on Spot is paid as on demand. */
export const purchaseOf = (instance: Pick<OwnInstance, 'purchase'> | undefined): PurchaseOption =>
  instance?.purchase === 'spot' ? 'spot' : 'onDemand';

/** us-east-1 of us-east-1a, and us-west-2 of the local zone us-west-2-lax-1a. */
export const regionOf = (zone: string): string => /^[a-z]+(-[a-z]+)+-[0-9]+/.exec(zone)?.[0] ?? zone;

function onDemandPrice(type: string, { asked, region }: PriceBook): Price | null {
  const told = asked?.region === region ? asked.onDemand[type] : undefined;
  if (told !== undefined) return { dollars: told.dollars, kind: 'asked', asOf: told.asOf, region };
  const listed = LISTED.get(type);
  if (listed?.onDemand == null) return null;
  return { dollars: listed.onDemand, kind: 'list', asOf: listed.asOf, region: LIST_REGION };
}

/** Of a zone that AWS told nothing of, and of any zone, the mean of the zones. */
function askedSpotPrice(type: string, zone: string | null, { asked, region }: PriceBook): Price | null {
  const told = asked?.region === region ? asked.spot[type] : undefined;
  if (told === undefined) return null;
  const all = Object.values(told.zones);
  const one = zone === null ? undefined : told.zones[zone];
  const mean = all.reduce((sum, each) => sum + each, 0) / all.length;
  return { dollars: one ?? mean, kind: 'asked', asOf: told.asOf, region };
}

/** What Spot saves in the region, or else in that of the list prices; null where it is not known. */
function savingOf(type: string, region: string): { readonly share: number; readonly region: string } | null {
  for (const each of [region, LIST_REGION]) {
    const cell = cellOf(type, each);
    if (cell !== null) return { share: cell[1] / 100, region: each };
  }
  return null;
}

function cellOf(type: string, region: string) {
  const place = (SPOT_SAVINGS_REGIONS as readonly string[]).indexOf(region);
  return place === -1 ? null : (SAVINGS.get(type)?.[place] ?? null);
}

/** How many of the type's Spot instances were interrupted in a month, such as `>20%`; null where it is not known. */
export const interruptionsOf = (type: string, region: string): string | null => cellOf(type, region)?.[0] ?? null;

/** After so many days a price may be far from what is billed: p5's fell by almost half within a year. */
export const OLD_AFTER_DAYS = 90;

const DAY_MS = 86_400_000;

/** Days between a price and `today`, both as 2026-07-20; 0 for an owner's own price. */
export const ageOf = ({ asOf }: Pick<Price, 'asOf'>, today: string): number =>
  asOf === null ? 0 : Math.max(0, Math.round((Date.parse(today) - Date.parse(asOf)) / DAY_MS));

const KIND_TEXT: Readonly<Record<PriceKind, string>> = {
  own: 'your own price',
  asked: 'price from AWS',
  list: 'list price',
  estimate: 'list price minus the Spot discount',
  limit: 'on-demand price, because the Spot price is unknown',
};

/** Kind and age of a price: `list price of us-east-1, 2026-07-20, 131 days old`. */
export function originText(price: Price, today: string): string {
  const kind = KIND_TEXT[price.kind];
  if (price.asOf === null) return kind;
  const age = ageOf(price, today);
  const old = age > OLD_AFTER_DAYS ? `, ${age} days old` : '';
  return `${kind}, ${price.region}, ${price.asOf}${old}`;
}

/** What to do about prices that are old, or of another region; null: nothing. */
export function refreshHint(prices: readonly Price[], region: string, today: string): string | null {
  const old = prices.some((price) => ageOf(price, today) > OLD_AFTER_DAYS);
  const elsewhere = prices.some((price) => price.region !== null && price.region !== region);
  if (!old && !elsewhere) return null;
  const why = [
    ...(old ? [`are older than ${OLD_AFTER_DAYS} days`] : []),
    ...(elsewhere ? [`are not of ${region}`] : []),
  ];
  return `prices ${why.join(' and ')}: sweep prices --refresh asks AWS for today's`;
}
