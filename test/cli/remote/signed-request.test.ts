import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askJson, type Caller, items, query, read, textAt } from '../../../cli/remote/signed-request.ts';

const SECRET = 'a secret';
const caller: Caller = {
  region: 'eu-west-1',
  credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: SECRET, sessionToken: 'token' }),
};

interface Seen {
  readonly request: IncomingMessage;
  readonly body: string;
}
let server: Server;
let seen: Seen[];
let answers: { status: number; body: string }[];

beforeEach(async () => {
  [seen, answers] = [[], []];
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    seen.push({ request, body: Buffer.concat(parts).toString() });
    const { status, body } = answers.shift()!;
    response.writeHead(status).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  delete process.env['AWS_ENDPOINT_URL'];
  server.close();
});

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The signature as the documentation of Signature Version 4 makes it, of what arrived. */
function expectedSignature({ request, body }: Seen): { scope: string; signature: string } {
  const [, scope = '', signed = ''] = /Credential=AKID\/([^,]+), SignedHeaders=([^,]+)/.exec(
    request.headers.authorization!,
  )!;
  const headers = signed.split(';').map((name) => `${name}:${request.headers[name]}\n`);
  const canonical = [request.method, request.url, '', headers.join(''), signed, hex(body)].join('\n');
  const [date = '', region = '', service = ''] = scope.split('/');
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, hex(canonical)].join('\n');
  const key = [region, service, 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${SECRET}`, date));
  return { scope, signature: hmac(key, toSign).toString('hex') };
}

test.each([
  ['ec2', () => query(caller, 'ec2', 'DescribeSubnets', { 'Filter.1.Name': 'vpc-id' }), 'eu-west-1/ec2'],
  ['iam', () => query(caller, 'iam', 'GetRole', { RoleName: 'a role' }), 'us-east-1/iam'],
  ['lambda', () => read(caller, 'lambda', '/2016-08-19/account-settings'), 'eu-west-1/lambda'],
  ['servicequotas', () => askJson(caller, 'servicequotas', 'GetServiceQuota', {}), 'eu-west-1/servicequotas'],
  ['pricing', () => askJson(caller, 'pricing', 'GetProducts', {}), 'us-east-1/pricing'],
])('a question to %s is signed for its service and region', async (_, ask, place) => {
  answers = [{ status: 200, body: '{}' }];
  await ask().catch(() => undefined);
  const { scope, signature } = expectedSignature(seen[0]!);
  expect(scope.split('/').slice(1, 3).join('/')).toBe(place);
  expect(seen[0]!.request.headers.authorization).toContain(`Signature=${signature}`);
  expect(seen[0]!.request.headers['x-amz-security-token']).toBe('token');
});

test('lists of XML are read the same with none, one and several elements', async () => {
  const of = (list: string) => ({
    status: 200,
    body: `<DescribeSubnetsResponse><set>${list}</set></DescribeSubnetsResponse>`,
  });
  const item = (id: string) => `<item><subnetId>${id}</subnetId></item>`;
  answers = [of(''), of(item('a')), of(item('a') + item('b'))];
  const ids = [];
  for (let asked = 0; asked < 3; asked++) {
    const answer = await query(caller, 'ec2', 'DescribeSubnets');
    ids.push(items(answer, 'set', 'item').map((each) => textAt(each, 'subnetId')));
  }
  expect(ids).toEqual([[], ['a'], ['a', 'b']]);
});

test('errors have the code of AWS, whichever protocol tells them', async () => {
  answers = [
    {
      status: 403,
      body: '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>',
    },
    { status: 400, body: '{"__type":"com.amazonaws#NoSuchResourceException","message":"none"}' },
  ];
  await expect(query(caller, 'ec2', 'DescribeSubnets')).rejects.toMatchObject({
    name: 'UnauthorizedOperation',
    message: 'no',
  });
  await expect(askJson(caller, 'servicequotas', 'GetServiceQuota', {})).rejects.toMatchObject({
    name: 'NoSuchResourceException',
    message: 'none',
  });
  expect(seen).toHaveLength(2);
});

test('a fault of the service that may pass is asked again', async () => {
  answers = [
    { status: 503, body: '' },
    { status: 200, body: '{"a": 1}' },
  ];
  expect(await askJson(caller, 'ecr', 'DescribeImages', {})).toEqual({ a: 1 });
  expect(seen).toHaveLength(2);
});
