import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askPrices } from '../../../cli/remote/prices.ts';

const NOW = new Date('2026-11-28T12:00:00Z');

/** A product as the Price List API tells of it, less what is not read. */
const product = (dollars: string, unit = 'Hrs'): string =>
  JSON.stringify({
    product: { productFamily: 'Compute Instance', sku: 'S' },
    serviceCode: 'AmazonEC2',
    terms: {
      OnDemand: {
        'S.JRTCKXETXF': {
          priceDimensions: {
            'S.JRTCKXETXF.6YS6EN2CT7': { unit, beginRange: '0', endRange: 'Inf', pricePerUnit: { USD: dollars } },
          },
          sku: 'S',
          offerTermCode: 'JRTCKXETXF',
        },
      },
      Reserved: { 'S.R': { priceDimensions: { x: { unit: 'Hrs', pricePerUnit: { USD: '0.1000000000' } } } } },
    },
  });

const item = (type: string, zone: string, dollars: string, timestamp: string): string =>
  `<item><instanceType>${type}</instanceType><productDescription>Linux/UNIX</productDescription><spotPrice>${dollars}</spotPrice><timestamp>${timestamp}</timestamp><availabilityZone>${zone}</availabilityZone></item>`;
const page = (items: string, token = ''): string =>
  `<DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><spotPriceHistorySet>${items}</spotPriceHistorySet><nextToken>${token}</nextToken></DescribeSpotPriceHistoryResponse>`;

let server: Server;
const asked: { target: string | undefined; body: string }[] = [];

beforeAll(async () => {
  const onDemand: Record<string, string[]> = {
    'g5.xlarge': [product('0.0000000000'), product('1.1230000000'), product('5.0000000000', 'Quantity')],
    'g4dn.xlarge': [product('0.5870000000')],
  };
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    asked.push({ target: request.headers['x-amz-target'] as string | undefined, body });
    if (request.headers['x-amz-target'] === 'AWSPriceListService.GetProducts') {
      const { Filters } = JSON.parse(body) as { Filters: { Field: string; Value: string }[] };
      const type = Filters.find(({ Field }) => Field === 'instanceType')!.Value;
      return response.end(JSON.stringify({ FormatVersion: 'aws_v1', PriceList: onDemand[type] ?? [] }));
    }
    const isSecond = new URLSearchParams(body).get('NextToken') === 'more';
    return response.end(
      isSecond
        ? page(item('g4dn.xlarge', 'eu-west-1a', '0.200000', '2026-11-28T09:00:00.000Z'))
        : page(
            item('g5.xlarge', 'eu-west-1a', '0.450000', '2026-11-28T11:00:00.000Z') +
              item('g5.xlarge', 'eu-west-1a', '0.440000', '2026-11-28T10:00:00.000Z') +
              item('g5.xlarge', 'eu-west-1b', '0.500000', '2026-11-28T08:00:00.000Z'),
            'more',
          ),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  delete process.env['AWS_ENDPOINT_URL'];
  server.close();
});

test('AWS is asked for prices on demand and on Spot, and what it does not sell is missing', async () => {
  const caller = { region: 'eu-west-1', credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' }) };
  const prices = await askPrices(caller, ['g5.xlarge', 'g4dn.xlarge', 'p5e.48xlarge'], NOW);
  expect(prices).toEqual({
    region: 'eu-west-1',
    onDemand: {
      'g5.xlarge': { dollars: 1.123, asOf: '2026-11-28' },
      'g4dn.xlarge': { dollars: 0.587, asOf: '2026-11-28' },
    },
    spot: {
      'g5.xlarge': { zones: { 'eu-west-1a': 0.45, 'eu-west-1b': 0.5 }, asOf: '2026-11-28' },
      'g4dn.xlarge': { zones: { 'eu-west-1a': 0.2 }, asOf: '2026-11-28' },
    },
  });
  const [products, history] = [true, false].map(
    (isPricing) => asked.find(({ target }) => (target !== undefined) === isPricing)!,
  );
  const filters = (JSON.parse(products!.body) as { Filters: { Field: string; Value: string }[] }).Filters;
  expect(Object.fromEntries(filters.map(({ Field, Value }) => [Field, Value]))).toMatchObject({
    ...{ regionCode: 'eu-west-1', operatingSystem: 'Linux', tenancy: 'Shared', preInstalledSw: 'NA' },
  });
  expect(Object.fromEntries(new URLSearchParams(history!.body))).toMatchObject({
    ...{ 'InstanceType.1': 'g5.xlarge', 'ProductDescription.1': 'Linux/UNIX', StartTime: NOW.toISOString() },
  });
});
