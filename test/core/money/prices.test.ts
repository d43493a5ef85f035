import { expect, test } from 'vitest';
import { INSTANCES } from '../../../core/aws/instance-table.ts';
import { dollarsText, isShownAbove } from '../../../core/money/dollars.ts';
import {
  type AskedPrices,
  ageOf,
  interruptionsOf,
  originText,
  type PriceBook,
  priceFor,
  refreshHint,
} from '../../../core/money/prices.ts';
import { SPOT_SAVINGS } from '../../../core/money/spot-savings.ts';
import { namedTypes } from '../../../core/money/types.ts';

const asked: AskedPrices = {
  region: 'eu-west-1',
  onDemand: { 'g5.xlarge': { dollars: 1.123, asOf: '2026-11-20' } },
  spot: { 'g5.xlarge': { zones: { 'eu-west-1a': 0.4, 'eu-west-1b': 0.6 }, asOf: '2026-11-20' } },
};
const book = (over: Partial<PriceBook> = {}): PriceBook => ({ region: 'us-east-1', asked: null, own: null, ...over });
const spot = (type: string, zone: string | null = null) => ({ type, zone, purchase: 'spot' as const });
const onDemand = (type: string) => ({ type, zone: null, purchase: 'onDemand' as const });

test('an on-demand price is that of the table, with its day and region, until AWS has told another', () => {
  const listed = { dollars: 1.006, kind: 'list', asOf: '2026-07-20', region: 'us-east-1' };
  expect(priceFor(onDemand('g5.xlarge'), book())).toEqual(listed);
  expect(priceFor(onDemand('g5.xlarge'), book({ region: 'eu-west-1' }))).toEqual(listed);
  expect(priceFor(onDemand('g5.xlarge'), book({ region: 'eu-west-1', asked }))).toEqual({
    ...{ dollars: 1.123, kind: 'asked', asOf: '2026-11-20', region: 'eu-west-1' },
  });
});

test('prices that AWS told of another region are not taken', () => {
  expect(priceFor(onDemand('g5.xlarge'), book({ asked }))?.kind).toBe('list');
  expect(priceFor(spot('g5.xlarge'), book({ asked }))?.kind).toBe('estimate');
});

test('a Spot price from AWS is that of the zone, or the mean of the zones', () => {
  const there = book({ region: 'eu-west-1', asked });
  expect(priceFor(spot('g5.xlarge', 'eu-west-1b'), there)?.dollars).toBe(0.6);
  expect(priceFor(spot('g5.xlarge'), there)?.dollars).toBe(0.5);
  expect(priceFor(spot('g5.xlarge', 'eu-west-1c'), there)?.dollars).toBe(0.5);
});

test("a Spot price that nobody told is the list price less the region's saving, and as old as the older of both", () => {
  const price = priceFor(spot('g5.xlarge'), book());
  expect(price).toEqual({
    dollars: expect.closeTo(1.006 * 0.41, 9),
    kind: 'estimate',
    asOf: '2025-06-28',
    region: 'us-east-1',
  });
  expect(priceFor(spot('g4dn.2xlarge'), book({ region: 'eu-central-1' }))?.dollars).toBeCloseTo(0.752 * 0.29, 9);
  // Of a region whose savings are not known, that of us-east-1.
  expect(priceFor(spot('g4dn.2xlarge'), book({ region: 'ap-south-1' }))?.dollars).toBeCloseTo(0.752 * 0.39, 9);
});

test('where no saving is known, a Spot instance costs at most the price on demand', () => {
  expect(priceFor(spot('m6i.xlarge'), book())).toEqual({
    ...{ dollars: 0.192, kind: 'limit', asOf: '2026-01-19', region: 'us-east-1' },
  });
});

test('without a list price, and for an unknown type, no price is known', () => {
  expect(priceFor(onDemand('p5e.48xlarge'), book())).toBeNull();
  expect(priceFor(spot('p5e.48xlarge'), book())).toBeNull();
  expect(priceFor(spot('x1.32xlarge'), book())).toBeNull();
});

test("an owner's own price goes before all others", () => {
  const own = { dollars: 0.8, kind: 'own', asOf: null, region: null };
  expect(priceFor(spot('g5.xlarge'), book({ region: 'eu-west-1', asked, own: 0.8 }))).toEqual(own);
  expect(priceFor(onDemand('my-own-machine'), book({ own: 0.8 }))).toEqual(own);
});

test('a price says its kind, its region and its day, and from 91 days on its age', () => {
  const price = priceFor(onDemand('g5.xlarge'), book())!;
  expect(originText(price, '2026-10-18')).toBe('list price, us-east-1, 2026-07-20');
  expect(originText(price, '2026-10-19')).toBe('list price, us-east-1, 2026-07-20, 91 days old');
  expect(originText({ dollars: 1, kind: 'own', asOf: null, region: null }, '2026-10-19')).toBe('your own price');
});

test('old prices, and those of another region, are followed by what to do', () => {
  const price = priceFor(onDemand('g5.xlarge'), book())!;
  expect(refreshHint([price], 'us-east-1', '2026-10-18')).toBeNull();
  expect(refreshHint([price], 'us-east-1', '2026-10-19')).toContain('older than 90 days: sweep prices --refresh');
  expect(refreshHint([price], 'eu-west-1', '2026-07-21')).toContain('not of eu-west-1: sweep prices --refresh');
  expect(ageOf(price, '2026-07-19')).toBe(0);
});

test('every Spot saving is of a type with a list price, and of 30 to 95 percent', () => {
  const priced = new Set(INSTANCES.flatMap(({ type, onDemand }) => (onDemand === null ? [] : [type])));
  expect(SPOT_SAVINGS.length).toBeGreaterThan(30);
  for (const [type, ...cells] of SPOT_SAVINGS) {
    expect(priced).toContain(type);
    for (const cell of cells) if (cell !== null) expect(cell[1] >= 30 && cell[1] <= 95).toBe(true);
  }
  expect(interruptionsOf('g6e.xlarge', 'us-east-1')).toBe('5-10%');
  expect(interruptionsOf('g6e.xlarge', 'eu-west-1')).toBeNull();
});

test('a family means its sizes, a type itself, each once', () => {
  expect(namedTypes(['gr6', 'gr6.4xlarge', 'p4d'])).toEqual(['gr6.4xlarge', 'gr6.8xlarge', 'p4d.24xlarge']);
  expect(namedTypes(['c6i'])).toContain('c6i.xlarge');
  expect(namedTypes(['hpc7g'])).toEqual(['hpc7g.4xlarge', 'hpc7g.8xlarge', 'hpc7g.16xlarge']);
});

test('sums are told in cents, and small ones by two figures', () => {
  expect([0, 0.00421, 0.5, 3.1446, 1250].map(dollarsText)).toEqual(['$0.00', '$0.0042', '$0.50', '$3.14', '$1,250.00']);
});

test('a sum that is the limit, as both are shown, is not above it', () => {
  expect([12.03, 12.0304, 12.0349].map((sum) => isShownAbove(sum, 12.03))).toEqual([false, false, false]);
  expect([12.04, 12.0351, 1e7].map((sum) => isShownAbove(sum, 12.03))).toEqual([true, true, true]);
  expect(isShownAbove(0.003, 0)).toBe(true);
  expect(isShownAbove(0, 0)).toBe(false);
});
