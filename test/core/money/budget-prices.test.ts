import { expect, test } from 'vitest';
import {
  arePricesSame,
  budgetPrices,
  type PricedProfile,
  priceOfMachine,
  pricesText,
} from '../../../core/money/budget-prices.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const NOW = '2026-11-28T08:00:00.000Z';
const specWith = (more: object = {}) => resolveSpec({ search: { space: { x: [1] } }, budget: { dollars: 5 }, ...more });
const profile: PricedProfile = { region: 'us-east-1', instanceTypes: ['g5.xlarge', 'g4dn.xlarge'], spot: true };

test('prices are of each type that the profile may take, as it may be bought', () => {
  const prices = budgetPrices(specWith(), profile, NOW)!;
  expect(prices.types.map(({ type, purchase, price }) => [type, purchase, price.kind])).toEqual([
    ['g5.xlarge', 'spot', 'estimate'],
    ['g5.xlarge', 'onDemand', 'list'],
    ['g4dn.xlarge', 'spot', 'estimate'],
    ['g4dn.xlarge', 'onDemand', 'list'],
  ]);
  const only = budgetPrices(specWith(), { ...profile, spot: 'only' }, NOW)!;
  expect(only.types.map(({ purchase }) => purchase)).toEqual(['spot', 'spot']);
  expect(budgetPrices(specWith({ budget: { hours: 1 } }), profile, NOW)).toBeNull();
});

test('the price of a machine is that of its type and purchase, and of one that tells neither the dearest', () => {
  const prices = budgetPrices(specWith(), profile, NOW)!;
  const priceOf = (type: string, purchase: string) =>
    priceOfMachine(prices, { type, purchase, zone: 'us-east-1a' })!.dollars;
  expect(priceOf('g4dn.xlarge', 'on-demand')).toBe(0.526);
  expect(priceOf('g4dn.xlarge', 'spot')).toBeCloseTo(0.526 * 0.36, 9);
  expect(priceOf('g5.48xlarge', 'spot')).toBe(1.006);
  expect(priceOfMachine(prices, undefined)!.dollars).toBe(1.006);
});

test('it is said what prices are, and how old', () => {
  const asked = {
    region: 'us-east-1',
    onDemand: {
      'g5.xlarge': { dollars: 0.5, asOf: '2026-11-27' },
      'g4dn.xlarge': { dollars: 0.3, asOf: '2026-11-27' },
    },
    spot: {},
  };
  const said = (more: Partial<PricedProfile>) =>
    pricesText(budgetPrices(specWith(), { ...profile, spot: false, ...more }, NOW)!, 'us-east-1', '2026-11-28');
  expect(said({ asked })).toBe('budget.dollars counts by price from AWS, us-east-1, 2026-11-27');
  expect(said({})).toMatch(/list price, us-east-1, 2026-07-20, 131 days old; prices are older.*--refresh/);
  expect(said({ dollarsPerHour: 2 })).toBe('budget.dollars counts by your own price');
});

test("an owner's own price goes before all others, that of the spec before that of the profile", () => {
  const priced = { ...profile, instanceTypes: ['p5e.48xlarge'], dollarsPerHour: 2 };
  const own = (spec: object) => budgetPrices(specWith(spec), priced, NOW)!.own?.dollars;
  expect([own({}), own({ compute: { dollarsPerHour: 1 } })]).toEqual([2, 1]);
});

test.each<[string, PricedProfile, RegExp]>([
  [
    'a type without a price',
    { ...profile, instanceTypes: ['g5.xlarge', 'p5e.48xlarge'] },
    /no price is known for p5e.48xlarge, which profile gpu may take; set compute.dollarsPerHour/,
  ],
  [
    "a machine of one's own",
    { region: null },
    /budget.dollars: received 5, but the hourly cost of this machine is unknown; set compute.dollarsPerHour/,
  ],
  [
    'a stack of an earlier version',
    { region: 'us-east-1' },
    /does not list the instance types of its profiles.*deploy it again/,
  ],
])('%s is refused before anything is spent', (_, given, message) => {
  expect(() => budgetPrices(specWith(), given, NOW)).toThrow(message);
});

test('prices are the same whenever they were put down, and others where one differs', () => {
  const prices = budgetPrices(specWith(), profile, NOW)!;
  expect(arePricesSame(prices, { ...prices, date: '2030-01-01' })).toBe(true);
  expect(arePricesSame(prices, { ...prices, types: prices.types.slice(1) })).toBe(false);
});
