import { dayOf } from '../../core/base/text.ts';
import type { AskedPrices } from '../../core/money/prices.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { askJson, type Caller, items, query, textAt, type XmlNode } from './signed-request.ts';

// What AWS says instances cost. Operations, parameters and answers are those of the services' models (botocore):
// pricing 2017-10-15 GetProducts, ec2 2016-11-15 DescribeSpotPriceHistory.

/** Questions at once: the Price List API is throttled early. */
const AT_ONCE = 3;

/** Prices of the types in the caller's region, as of `now`; what AWS does not tell is missing. */
export async function askPrices(caller: Caller, types: readonly string[], now: Date): Promise<AskedPrices> {
  const asOf = dayOf(now.getTime());
  const [onDemand, spot] = await Promise.all([
    concurrently(types, AT_ONCE, async (type) => ({ type, dollars: await onDemandPrice(caller, type) })),
    spotPrices(caller, types, now),
  ]);
  return {
    region: caller.region,
    onDemand: Object.fromEntries(
      onDemand.flatMap(({ type, dollars }) => (dollars === null ? [] : [[type, { dollars, asOf }]])),
    ),
    spot: Object.fromEntries([...spot].map(([type, zones]) => [type, { zones: Object.fromEntries(zones), asOf }])),
  };
}

/** Dollars an hour of Linux without further software, on shared hardware; null where the type is not sold, or not for dollars. */
async function onDemandPrice(caller: Caller, type: string): Promise<number | null> {
  const wanted = {
    regionCode: caller.region,
    instanceType: type,
    operatingSystem: 'Linux',
    preInstalledSw: 'NA',
    tenancy: 'Shared',
    capacitystatus: 'Used',
  };
  const Filters = Object.entries(wanted).map(([Field, Value]) => ({ Type: 'TERM_MATCH', Field, Value }));
  const input = { ServiceCode: 'AmazonEC2', FormatVersion: 'aws_v1', Filters };
  const { PriceList = [] } = (await askJson(caller, 'pricing', 'GetProducts', input)) as { PriceList?: string[] };
  const prices = PriceList.flatMap(hourlyDollars).filter((dollars) => dollars > 0);
  return prices.length === 0 ? null : Math.min(...prices);
}

interface Product {
  readonly terms?: {
    readonly OnDemand?: Readonly<
      Record<
        string,
        {
          readonly priceDimensions?: Readonly<
            Record<string, { readonly unit?: string; readonly pricePerUnit?: { readonly USD?: string } }>
          >;
        }
      >
    >;
  };
}

/** The hourly prices of a product, which comes as a text of JSON: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html */
function hourlyDollars(text: string): number[] {
  const { terms } = JSON.parse(text) as Product;
  return Object.values(terms?.OnDemand ?? {})
    .flatMap(({ priceDimensions = {} }) => Object.values(priceDimensions))
    .flatMap(({ unit, pricePerUnit }) =>
      unit === 'Hrs' && pricePerUnit?.USD !== undefined ? [Number(pricePerUnit.USD)] : [],
    );
}

/** By type and zone. From now on means: the prices in force, and none that came before. */
async function spotPrices(
  caller: Caller,
  types: readonly string[],
  now: Date,
): Promise<Map<string, Map<string, number>>> {
  const wanted = Object.fromEntries([
    ...types.map((type, index) => [`InstanceType.${index + 1}`, type]),
    // Which of the two names an account has depends on its age.
    ['ProductDescription.1', 'Linux/UNIX'],
    ['ProductDescription.2', 'Linux/UNIX (Amazon VPC)'],
    ['StartTime', now.toISOString()],
  ]) as Record<string, string>;
  const found: XmlNode[] = [];
  let token = '';
  do {
    const page = await query(caller, 'ec2', 'DescribeSpotPriceHistory', {
      ...wanted,
      ...(token === '' ? {} : { NextToken: token }),
    });
    found.push(...items(page, 'spotPriceHistorySet', 'item'));
    token = textAt(page, 'nextToken');
  } while (token !== '');
  const prices = new Map<string, Map<string, number>>();
  // The newest last: it is the one in force.
  for (const node of found.toSorted((a, b) => (textAt(a, 'timestamp') < textAt(b, 'timestamp') ? -1 : 1))) {
    const [type, zone, dollars] = [
      textAt(node, 'instanceType'),
      textAt(node, 'availabilityZone'),
      textAt(node, 'spotPrice'),
    ];
    if (!(Number(dollars) > 0)) continue;
    const zones = prices.get(type) ?? new Map<string, number>();
    prices.set(type, zones.set(zone, Number(dollars)));
  }
  return prices;
}
