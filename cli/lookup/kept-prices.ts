import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf } from '../../core/base/text.ts';
import {
  type AskedPrices,
  askedPricesSchema,
  LIST_REGION,
  type PriceBook,
  withAsked,
} from '../../core/money/prices.ts';
import { cacheFolder } from '../../inputs/paths.ts';
import { stackPrices } from '../../objects/prices.ts';
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

/** What a stack knows of its region's prices: by these its sweeps are counted. `note`: told of a damaged object. */
export const stackBook = async (
  { objects, region }: PricedStack,
  own: number | null,
  note: (line: string) => void = () => {},
): Promise<PriceBook> => ({ region, asked: await stackPrices(objects, region, note), own });

/** Where a stack keeps what AWS told of its region's prices. */
interface PricedStack {
  readonly objects: ObjectStore;
  readonly region: string;
}

/** 2026-07-20, by the clock. */
export const today = (): string => dayOf(Date.now());
