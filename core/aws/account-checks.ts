import type { DeployedProfile } from './deployment.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';
import { type Quota, quotasOf } from './quotas.ts';

type Profiles = Readonly<Record<string, DeployedProfile>>;

/** The deployed stack against the command that asks. */
export function versionFinding(stack: string, deployed: string, command: string): Finding {
  const check = 'stack';
  if (deployed === command) return ok(check, `${stack}, version ${deployed}`);
  return wrong(
    check,
    `${stack} has version ${deployed}, this command ${command}`,
    `deploy this version (npx cdk deploy), or use the command of ${deployed}`,
  );
}

/** A quota that profiles share, and what an instance of each takes of it. */
export interface SharedQuota {
  readonly name: string;
  readonly code: string | null;
  /** vCPUs of one instance that holds a trial, and of those that hold `ASKED_TRIALS`, by profile. */
  readonly profiles: Readonly<Record<string, { readonly one: number; readonly asked: number }>>;
}

/** Trials at once that a raised quota is asked for: as many as AWS grants a new account without questions. */
const ASKED_TRIALS = 8;

/** The EC2 quotas of these profiles, each once. */
export function sharedQuotas(profiles: Profiles): SharedQuota[] {
  const shared = new Map<string, { quota: Quota; profiles: Record<string, { one: number; asked: number }> }>();
  for (const [name, profile] of Object.entries(profiles)) {
    const asked = quotasOf(profile, ASKED_TRIALS);
    for (const [index, quota] of quotasOf(profile, 1).entries()) {
      const entry = shared.get(quota.name) ?? { quota, profiles: {} };
      entry.profiles[name] = { one: quota.vcpus, asked: asked[index]!.vcpus };
      shared.set(quota.name, entry);
    }
  }
  return [...shared.values()].map(({ quota: { name, code }, profiles }) => ({ name, code, profiles }));
}

/** `vcpus`: what the account may use; null: the quota has no code to ask by. */
export function quotaFinding({ name, code, profiles }: SharedQuota, vcpus: number | null): Finding {
  const check = `quota: ${name}`;
  if (code === null || vcpus === null)
    return unknown(check, 'its code is not known here; the console of Service Quotas shows it');
  const small = Object.entries(profiles).filter(([, { one }]) => one > vcpus);
  if (small.length === 0) return ok(check, `${vcpus} vCPUs`);
  const wanted = Math.max(...small.map(([, { asked }]) => asked));
  const needs = small.map(([profile, { one }]) => `${one} for a trial of ${profile}`).join(', ');
  return wrong(
    check,
    `${vcpus} vCPUs; an instance takes ${needs}, which would wait forever`,
    `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${code} --desired-value ${wanted}`,
  );
}

/** Spot instances need the role once an account. */
export function spotRoleFinding(exists: boolean): Finding {
  const check = 'Spot role';
  return exists
    ? ok(check, 'AWSServiceRoleForEC2Spot')
    : wrong(
        check,
        'AWSServiceRoleForEC2Spot is missing, and no Spot instance starts without it',
        'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com',
      );
}

/** A queue or a compute environment, as Batch describes it. */
export interface BatchState {
  readonly name: string;
  readonly state: string;
  readonly status: string;
  readonly reason: string | null;
}

/** A profile's queue with its environments; null, or none: they are not there. */
export function queueFinding(
  profile: string,
  queue: BatchState | null,
  environments: readonly (BatchState | null)[],
): Finding {
  const check = `queue of ${profile}`;
  if (queue === null) return wrong(check, 'the job queue is not there', 'npx cdk deploy');
  if (environments.length === 0 || environments.includes(null))
    return wrong(check, `a compute environment of ${queue.name} is not there`, 'npx cdk deploy');
  const described = [
    [queue, 'aws batch update-job-queue --job-queue'],
    ...environments.map((each) => [each, 'aws batch update-compute-environment --compute-environment'] as const),
  ] as [BatchState, string][];
  for (const [{ name, state, status, reason }, update] of described) {
    if (state !== 'ENABLED') return wrong(check, `${name} is ${state}`, `${update} ${name} --state ENABLED`);
    if (status === 'VALID' || status === 'UPDATING') continue;
    return wrong(
      check,
      `${name} is ${status}${reason === null ? '' : `: ${reason}`}`,
      'change what it names, then npx cdk deploy',
    );
  }
  const count = environments.length;
  return ok(
    check,
    `VALID and ENABLED, as ${count === 1 ? 'its compute environment is' : `its ${count} compute environments are`}`,
  );
}

/** An image in a registry of ECR. */
export interface EcrImage {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  /** Exactly one of both. */
  readonly id: { readonly imageTag: string } | { readonly imageDigest: string };
}

/** The image that a URI names; null: it is not in ECR. */
export function ecrImage(uri: string): EcrImage | null {
  const pattern =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?$/;
  const [, account, region, repository, tag = 'latest', digest] = pattern.exec(uri) ?? [];
  if (account === undefined || region === undefined || repository === undefined) return null;
  return { account, region, repository, id: digest === undefined ? { imageTag: tag } : { imageDigest: digest } };
}

/** `isThere` null: the registry is not one that can be asked. */
export function imageFinding(
  profiles: readonly string[],
  { uri, chosen }: { readonly uri: string; readonly chosen: boolean },
  isThere: boolean | null,
): Finding {
  const check = `image of ${profiles.join(', ')}`;
  if (isThere === null) return unknown(check, `${uri} is not in ECR, so it cannot be asked for`);
  if (isThere) return ok(check, uri);
  return wrong(check, `${uri} is not there`, chosen ? `docker push ${uri}` : 'npx cdk deploy');
}

/** The fewest functions at once with which a sweep comes through: each of its states calls one, and retries while others run. */
const FEWEST_FUNCTIONS = 10;
/** As many as the state machine calls at once, to collect the results of a large sweep. */
const ENOUGH_FUNCTIONS = 40;

/** `unreserved`: functions that may run at once in this account and region. */
export function concurrencyFinding(unreserved: number): Finding {
  const check = "Lambda's concurrency";
  if (unreserved >= ENOUGH_FUNCTIONS) return ok(check, `${unreserved} functions at once`);
  if (unreserved >= FEWEST_FUNCTIONS)
    return ok(
      check,
      `${unreserved} functions at once; large sweeps collect their results faster with ${ENOUGH_FUNCTIONS}`,
    );
  return wrong(
    check,
    `${unreserved} functions at once, which other work may take`,
    'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000',
  );
}
