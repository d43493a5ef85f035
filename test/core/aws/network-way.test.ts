import { expect, test } from 'vitest';
import { type Endpoint, type NetworkFacts, networkFinding, type Route } from '../../../core/aws/network-way.ts';

const NEEDED = ['ecr.api', 'ecr.dkr', 'ecs', 'ecs-agent', 'ecs-telemetry', 'logs'];
const endpoint = (name: string, over: Partial<Endpoint> = {}): Endpoint => ({
  vpc: 'vpc-1',
  service: `com.amazonaws.us-east-1.${name}`,
  type: 'Interface',
  isAvailable: true,
  routeTables: [],
  ...over,
});
const gateway = endpoint('s3', { type: 'Gateway', routeTables: ['rtb-1'] });
const out = (target: string, isActive = true): Route => ({ destination: '0.0.0.0/0', target, isActive });
const local: Route = { destination: '10.0.0.0/16', target: 'local', isActive: true };

function facts(routes: readonly Route[], isPublic: boolean, endpoints: readonly Endpoint[] = []): NetworkFacts {
  return {
    wanted: ['subnet-1'],
    subnets: [{ id: 'subnet-1', vpc: 'vpc-1', isPublic }],
    tables: [
      { id: 'rtb-0', vpc: 'vpc-1', isMain: true, subnets: [''], routes: [local] },
      { id: 'rtb-1', vpc: 'vpc-1', isMain: false, subnets: ['subnet-1'], routes: [local, ...routes] },
    ],
    endpoints,
  };
}

test('a public subnet reaches everything through its internet gateway', () => {
  expect(networkFinding(facts([out('igw-1')], true)).status).toBe('ok');
});

test('a private subnet reaches everything through a NAT gateway', () => {
  expect(networkFinding(facts([out('nat-1')], false)).status).toBe('ok');
});

test('an internet gateway is no way out without a public address', () => {
  expect(networkFinding(facts([out('igw-1')], false))).toMatchObject({
    status: 'wrong',
    remedy: 'aws ec2 modify-subnet-attribute --subnet-id subnet-1 --map-public-ip-on-launch',
  });
});

test('a subnet without a table of its own follows the main one of its network', () => {
  const { tables, ...rest } = facts([out('igw-1')], true);
  const [main, other] = tables;
  expect(networkFinding({ ...rest, tables: [main!, { ...other!, subnets: [] }] }).status).toBe('wrong');
  expect(networkFinding({ ...rest, tables: [{ ...other!, isMain: true, subnets: [] }] }).status).toBe('ok');
});

test('a route to a gateway that is gone leads nowhere', () => {
  expect(networkFinding(facts([out('nat-1', false)], false))).toMatchObject({
    status: 'wrong',
    found: expect.stringContaining(`no endpoint for ${NEEDED.join(', ')}, s3`),
  });
});

test('endpoints of every service replace a way out, S3 by a gateway of the same route table', () => {
  const all = NEEDED.map((name) => endpoint(name));
  expect(networkFinding(facts([], false, [...all, gateway])).status).toBe('ok');
  expect(networkFinding(facts([], false, [...all, { ...gateway, routeTables: ['rtb-0'] }])).found).toMatch(/for s3$/);
  expect(networkFinding(facts([], false, [...all.slice(1), gateway])).found).toMatch(/for ecr\.api$/);
  expect(networkFinding(facts([], false, [...all, { ...gateway, isAvailable: false }])).status).toBe('wrong');
  expect(networkFinding(facts([], false, [...all.map((each) => ({ ...each, vpc: 'vpc-2' })), gateway])).status).toBe(
    'wrong',
  );
});

test('with secrets an endpoint of Secrets Manager is needed too', () => {
  const endpoints = [...NEEDED.map((name) => endpoint(name)), gateway];
  expect(networkFinding(facts([], false, endpoints), true)).toMatchObject({
    status: 'wrong',
    found: expect.stringMatching(/no endpoint for secretsmanager$/),
  });
  expect(networkFinding(facts([], false, [...endpoints, endpoint('secretsmanager')]), true).status).toBe('ok');
  expect(networkFinding(facts([out('nat-1')], false), true).status).toBe('ok');
});

test('a subnet that is not there is named', () => {
  expect(networkFinding({ ...facts([], true), subnets: [] })).toMatchObject({
    status: 'wrong',
    found: 'subnet-1 is not there',
  });
});
