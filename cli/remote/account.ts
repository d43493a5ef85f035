import {
  type BatchClient,
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
} from '@aws-sdk/client-batch';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { BatchState, EcrImage } from '../../core/aws/account-checks.ts';
import type { Endpoint, NetworkFacts, RouteTable, Subnet } from '../../core/aws/network-way.ts';
import { clientDefaults } from '../../storage/aws-client.ts';
import { askJson, type Caller, items, query, read, textAt, type XmlNode } from './signed-request.ts';

// What an account says of what a sweep needs; every call only reads.

/** Region and credentials of the standard chain. @throws Error when either is missing */
export async function openCaller(): Promise<Caller> {
  const { config } = new SSMClient(clientDefaults());
  const credentials = config.credentials;
  await credentials();
  return { credentials, region: await config.region() };
}

/** The ARN of the credentials' owner. */
export async function callerIdentity(caller: Caller): Promise<string> {
  const answer = await query(caller, 'sts', 'GetCallerIdentity');
  return textAt(items(answer, 'GetCallerIdentityResult')[0] ?? {}, 'Arn');
}

/** The quota's value in vCPUs: what the account was given, else what every account has. */
export async function ec2Quota(caller: Caller, code: string): Promise<number> {
  const input = { ServiceCode: 'ec2', QuotaCode: code };
  const ask = async (operation: string) =>
    ((await askJson(caller, 'servicequotas', operation, input)) as { Quota: { Value: number } }).Quota.Value;
  try {
    return await ask('GetServiceQuota');
  } catch (error) {
    if ((error as Error).name !== 'NoSuchResourceException') throw error;
    return ask('GetAWSDefaultServiceQuota');
  }
}

export async function roleExists(caller: Caller, name: string): Promise<boolean> {
  try {
    await query(caller, 'iam', 'GetRole', { RoleName: name });
    return true;
  } catch (error) {
    if ((error as Error).name !== 'NoSuchEntity') throw error;
    return false;
  }
}

export interface QueueFacts {
  readonly queue: BatchState | null;
  readonly environments: readonly (BatchState | null)[];
  /** Subnets of the environments. */
  readonly subnets: readonly string[];
}

export async function queueFacts(batch: BatchClient, arn: string): Promise<QueueFacts> {
  const { jobQueues = [] } = await batch.send(new DescribeJobQueuesCommand({ jobQueues: [arn] }));
  const [queue] = jobQueues;
  const named = queue?.computeEnvironmentOrder?.map(({ computeEnvironment }) => computeEnvironment!) ?? [];
  if (queue === undefined || named.length === 0) return { queue: null, environments: [], subnets: [] };
  const { computeEnvironments = [] } = await batch.send(
    new DescribeComputeEnvironmentsCommand({ computeEnvironments: named }),
  );
  const environments = named.map((each) => {
    const found = computeEnvironments.find(
      ({ computeEnvironmentArn, computeEnvironmentName }) =>
        each === computeEnvironmentArn || each === computeEnvironmentName,
    );
    return found === undefined ? null : stateOf({ ...found, name: found.computeEnvironmentName });
  });
  return {
    queue: stateOf({ ...queue, name: queue.jobQueueName }),
    environments,
    subnets: computeEnvironments.flatMap(({ computeResources }) => computeResources?.subnets ?? []),
  };
}

const stateOf = (found: {
  readonly name: string | undefined;
  readonly state?: string | undefined;
  readonly status?: string | undefined;
  readonly statusReason?: string | undefined;
}): BatchState => ({
  name: found.name ?? '',
  state: found.state ?? '',
  status: found.status ?? '',
  reason: found.statusReason ?? null,
});

/** The image of a job definition; null: the definition is not there, or not active. */
export async function imageOf(batch: BatchClient, definition: string): Promise<string | null> {
  const { jobDefinitions = [] } = await batch.send(new DescribeJobDefinitionsCommand({ jobDefinitions: [definition] }));
  const active = jobDefinitions.find(({ status }) => status === 'ACTIVE');
  return active?.containerProperties?.image ?? null;
}

export async function isInEcr(caller: Caller, { account, region, repository, id }: EcrImage): Promise<boolean> {
  const input = { registryId: account, repositoryName: repository, imageIds: [id] };
  try {
    await askJson({ ...caller, region }, 'ecr', 'DescribeImages', input);
    return true;
  } catch (error) {
    if (!['ImageNotFoundException', 'RepositoryNotFoundException'].includes((error as Error).name)) throw error;
    return false;
  }
}

/** Functions that may run at once and are not set aside for some of them. */
export async function unreservedConcurrency(caller: Caller): Promise<number> {
  const settings = (await read(caller, 'lambda', '/2016-08-19/account-settings')) as {
    AccountLimit: { UnreservedConcurrentExecutions: number };
  };
  return settings.AccountLimit.UnreservedConcurrentExecutions;
}

/** The network around these subnets. */
export async function networkFacts(caller: Caller, wanted: readonly string[]): Promise<NetworkFacts> {
  const subnets = (await describe(caller, 'DescribeSubnets', 'subnet-id', wanted, 'subnetSet')).map(subnetOf);
  const vpcs = [...new Set(subnets.map(({ vpc }) => vpc))];
  if (vpcs.length === 0) return { wanted, subnets, tables: [], endpoints: [] };
  const [tables, endpoints] = await Promise.all([
    describe(caller, 'DescribeRouteTables', 'vpc-id', vpcs, 'routeTableSet'),
    describe(caller, 'DescribeVpcEndpoints', 'vpc-id', vpcs, 'vpcEndpointSet'),
  ]);
  return { wanted, subnets, tables: tables.map(tableOf), endpoints: endpoints.map(endpointOf) };
}

/** What a list of EC2 has of these values of a filter, over all its pages. */
async function describe(caller: Caller, action: string, filter: string, values: readonly string[], set: string) {
  const named = Object.fromEntries(values.map((value, index) => [`Filter.1.Value.${index + 1}`, value]));
  const found: XmlNode[] = [];
  let token = '';
  do {
    const paging: Record<string, string> = token === '' ? {} : { NextToken: token };
    const page = await query(caller, 'ec2', action, { 'Filter.1.Name': filter, ...named, ...paging });
    found.push(...items(page, set, 'item'));
    token = textAt(page, 'nextToken');
  } while (token !== '');
  return found;
}

const subnetOf = (node: XmlNode): Subnet => ({
  id: textAt(node, 'subnetId'),
  vpc: textAt(node, 'vpcId'),
  isPublic: textAt(node, 'mapPublicIpOnLaunch') === 'true',
});

const TARGETS = [
  'gatewayId',
  'natGatewayId',
  'transitGatewayId',
  'networkInterfaceId',
  'instanceId',
  'vpcPeeringConnectionId',
];

const tableOf = (node: XmlNode): RouteTable => ({
  id: textAt(node, 'routeTableId'),
  vpc: textAt(node, 'vpcId'),
  isMain: items(node, 'associationSet', 'item').some((each) => textAt(each, 'main') === 'true'),
  subnets: items(node, 'associationSet', 'item').map((each) => textAt(each, 'subnetId')),
  routes: items(node, 'routeSet', 'item').map((each) => ({
    destination: textAt(each, 'destinationCidrBlock') || textAt(each, 'destinationPrefixListId'),
    target: TARGETS.map((name) => textAt(each, name)).find((target) => target !== '') ?? '',
    isActive: textAt(each, 'state') !== 'blackhole',
  })),
});

const endpointOf = (node: XmlNode): Endpoint => ({
  vpc: textAt(node, 'vpcId'),
  service: textAt(node, 'serviceName'),
  type: textAt(node, 'vpcEndpointType'),
  isAvailable: /^available$/i.test(textAt(node, 'state')),
  routeTables: items(node, 'routeTableIdSet').flatMap((set) => texts(set['item'])),
});

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
