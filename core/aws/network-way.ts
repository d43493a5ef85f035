import { type Finding, ok, wrong } from './finding.ts';

export interface Subnet {
  readonly id: string;
  readonly vpc: string;
  /** Instances in it get a public address. */
  readonly isPublic: boolean;
}

export interface Route {
  /** The block of addresses, or the prefix list. */
  readonly destination: string;
  /** The gateway, NAT gateway or other thing that it leads to, such as igw-1 or nat-1. */
  readonly target: string;
  readonly isActive: boolean;
}

export interface RouteTable {
  readonly id: string;
  readonly vpc: string;
  readonly isMain: boolean;
  readonly subnets: readonly string[];
  readonly routes: readonly Route[];
}

export interface Endpoint {
  readonly vpc: string;
  /** com.amazonaws.us-east-1.ecr.api */
  readonly service: string;
  readonly type: string;
  readonly isAvailable: boolean;
  /** Of a gateway endpoint. */
  readonly routeTables: readonly string[];
}

export interface NetworkFacts {
  /** Those that compute environments name. */
  readonly wanted: readonly string[];
  readonly subnets: readonly Subnet[];
  readonly tables: readonly RouteTable[];
  readonly endpoints: readonly Endpoint[];
}

/** What an instance calls before a trial runs; image layers come from S3. */
const SERVICES = ['ecr.api', 'ecr.dkr', 'ecs', 'ecs-agent', 'ecs-telemetry', 'logs', 's3'];

/**
 * Whether instances reach ECR, ECS, the logs and S3 from each subnet: through the internet, or through endpoints.
 * @param hasSecrets trials may read secrets, so they call Secrets Manager too
 */
export function networkFinding(facts: NetworkFacts, hasSecrets = false): Finding {
  const check = 'subnets';
  const services = hasSecrets ? [...SERVICES, 'secretsmanager'] : SERVICES;
  for (const id of facts.wanted) {
    const subnet = facts.subnets.find((each) => each.id === id);
    if (subnet === undefined) return wrong(check, `${id} is not there`, 'npx cdk deploy');
    const flaw = flawOf(subnet, facts, services);
    if (flaw !== null) return wrong(check, `${id}: ${flaw.found}`, flaw.remedy);
  }
  const reached = ['ECR', 'ECS', 'CloudWatch Logs', ...(hasSecrets ? ['Secrets Manager'] : [])].join(', ');
  return ok(check, `${facts.wanted.join(', ')}: ${reached} and S3 can be reached`);
}

type Flaw = Pick<Finding, 'found'> & { readonly remedy: string };

function flawOf(subnet: Subnet, { tables, endpoints }: NetworkFacts, services: readonly string[]): Flaw | null {
  const ofVpc = tables.filter(({ vpc }) => vpc === subnet.vpc);
  const table = ofVpc.find(({ subnets }) => subnets.includes(subnet.id)) ?? ofVpc.find(({ isMain }) => isMain);
  const out = table?.routes.find(({ destination, isActive }) => destination === '0.0.0.0/0' && isActive);
  if (out !== undefined && (subnet.isPublic || !out.target.startsWith('igw-'))) return null;
  const missing = services.filter((name) => !endpoints.some((each) => serves(each, name, subnet.vpc, table?.id)));
  if (missing.length === 0) return null;
  if (out !== undefined)
    return {
      found: 'its way out is an internet gateway, but instances get no public address',
      remedy: `aws ec2 modify-subnet-attribute --subnet-id ${subnet.id} --map-public-ip-on-launch`,
    };
  return {
    found: `no route leads out, and there is no endpoint for ${missing.join(', ')}`,
    remedy: 'restore the route to a gateway or the endpoints; npx cdk deploy after npx cdk drift shows which',
  };
}

function serves({ vpc, service, type, isAvailable, routeTables }: Endpoint, name: string, of: string, table?: string) {
  if (
    vpc !== of ||
    !isAvailable ||
    !new RegExp(`^(cn\\.)?com\\.amazonaws\\.[a-z0-9-]+\\.${name.replace('.', '\\.')}$`).test(service)
  )
    return false;
  return type !== 'Gateway' || (table !== undefined && routeTables.includes(table));
}
