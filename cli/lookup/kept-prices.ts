import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf } from '../../core/base/text.ts';
import {
  type AskedPrices,
  askedPricesSchema,
  LIST_REGION,
  latestAsked,
  type PriceBook,
  withAsked,
} from '../../core/money/prices.ts';
import { cacheFolder } from '../../inputs/paths.ts';
import { StackPrices } from '../../objects/prices.ts';
import { AccessDenied } from '../../storage/errors.ts';
import { writeWhole } from '../../storage/files.ts';
import type { ObjectStore } from '../../storage/store.ts';

const fileOf = (cache: string, region: string): string => join(cache, 'prices', `${region}.json`);

/** What AWS told this machine of a region's prices; null: nothing, or nothing that can be read. */
export function keptPrices(region: string): AskedPrices | null {
  const cache = cacheFolder();
  if (cache === null) return null;
  try {
    const parsed = askedPricesSchema.safeParse(JSON.parse(readFileSync(fileOf(cache, region), 'utf8')));
    return parsed.success && parsed.data.region === region ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Keeps prices beside those of other types, of which they replace none. Returns all, and where they lie. */
export async function keepPrices(
  asked: AskedPrices,
): Promise<{ readonly prices: AskedPrices; readonly file: string | null }> {
  const cache = cacheFolder();
  const prices = withAsked(keptPrices(asked.region), asked);
  if (cache === null) return { prices, file: null };
  const file = fileOf(cache, asked.region);
  await writeWhole(file, `${JSON.stringify(prices, null, 2)}\n`);
  return { prices, file };
}

/** The region that AWS's variables name; without one, that of the list prices. */
export const regionHere = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || LIST_REGION;

/** What is known here of a region's prices. `own`: dollars an hour of any machine, where its owner says so. */
export const priceBook = (region: string, own: number | null): PriceBook => ({
  region,
  asked: keptPrices(region),
  own,
});

/** Where a stack keeps what AWS told of its region's prices. */
export interface PricedStack {
  readonly objects: ObjectStore;
  readonly region: string;
}

/**
 * What AWS told a stack, whoever asked; null: nothing. A stack of an earlier version keeps none, and nobody has the right to
 * read them. `note`: told of a damaged object.
 */
export async function stackPrices(
  { objects, region }: PricedStack,
  note: (line: string) => void,
): Promise<AskedPrices | null> {
  return new StackPrices(objects, region).readable(note).catch((error: unknown) => {
    if (error instanceof AccessDenied) return null;
    throw error;
  });
}

/** As `priceBook`, for any region; in the stack's own, prices that it keeps count too where they are newer. */
export async function priceBooks(
  stack: PricedStack | null,
  own: number | null,
  note: (line: string) => void = () => {},
): Promise<(region: string) => PriceBook> {
  const told = stack === null ? null : await stackPrices(stack, note);
  const book = (region: string): PriceBook => {
    const here = priceBook(region, own);
    return region === told?.region ? { ...here, asked: latestAsked(here.asked, told) } : here;
  };
  // An account asks for the same few again and again, and each comes from a file.
  const books = new Map<string, PriceBook>();
  return (region) => {
    const known = books.get(region) ?? book(region);
    books.set(region, known);
    return known;
  };
}

/** 2026-07-20, by the clock. */
export const today = (): string => dayOf(Date.now());
