import {
  concurrencyFinding,
  ecrImage,
  imageFinding,
  queueFinding,
  quotaFinding,
  sharedQuotas,
  spotRoleFinding,
  versionFinding,
} from '../../core/aws/account-checks.ts';
import { type DeployedProfile, queuesOf } from '../../core/aws/deployment.ts';
import { type Finding, foremost, ok, unknown, wrong } from '../../core/aws/finding.ts';
import { networkFinding } from '../../core/aws/network-way.ts';
import { BadInput, badInput } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';
import { packageVersion } from '../../inputs/paths.ts';
import { concurrently } from '../../storage/concurrently.ts';
import {
  callerIdentity,
  ec2Quota,
  imageOf,
  isInEcr,
  networkFacts,
  openCaller,
  queueFacts,
  roleExists,
  unreservedConcurrency,
} from '../remote/account.ts';
import { askingAws } from '../remote/errors.ts';
import type { Caller } from '../remote/signed-request.ts';
import { openStack, type Stack } from '../remote/stack.ts';
import { EXIT, type Output } from '../terminal/output.ts';
import { plain } from '../terminal/text.ts';

export interface DoctorOptions {
  readonly stack?: string | undefined;
  /** Only this profile is looked at; not said: all. */
  readonly profile?: string | undefined;
}

/** Asks the account, by calls that only read, what a first sweep would stumble on; failed when something is wrong. */
export async function doctor(options: DoctorOptions, output: Output): Promise<number> {
  const findings = await examine(options);
  const isWrong = findings.some(({ status }) => status === 'wrong');
  output.document({ ok: !isWrong, findings });
  output.text(findings.map(lineOf).join('\n'));
  return isWrong ? EXIT.failed : EXIT.done;
}

function lineOf({ check, status, found, remedy }: Finding): string {
  const word = { ok: 'ok', wrong: 'WRONG', unknown: 'unknown' }[status];
  return `${word.padEnd(8)} ${check}: ${plain(found)}${remedy === null ? '' : `\n${' '.repeat(9)}${plain(remedy)}`}`;
}

/** Without credentials, and without a stack, there is nobody to ask about the rest. */
async function examine({ stack: name, profile }: DoctorOptions): Promise<Finding[]> {
  const caller = await orFinding('credentials', () => askingAws('credentials and region', openCaller));
  if ('status' in caller) return [caller];
  const identity = await answered('credentials', async () =>
    ok('credentials', `${await callerIdentity(caller)} in ${caller.region}`),
  );
  if (identity.status !== 'ok') return [identity];
  const stack = await orFinding('stack', () => openStack(name));
  if ('status' in stack) return [identity, ...(await accountFindings(caller)), stack];
  const profiles = chosen(stack, profile);
  const questions: (() => Promise<Finding | Finding[]>)[] = [
    async () => versionFinding(stack.name, stack.version, packageVersion()),
    () => bucketFinding(stack),
    () => quotaFindings(caller, profiles),
    () => spotRole(caller, profiles),
    () => batchFindings(caller, stack, profiles),
    () => imageFindings(caller, stack, profiles),
    () => accountFindings(caller),
  ];
  return [identity, ...(await concurrently(questions, questions.length, (question) => question())).flat()];
}

type Profiles = Readonly<Record<string, DeployedProfile>>;

function chosen({ profiles, name }: Stack, profile: string | undefined): Profiles {
  if (profile === undefined) return profiles;
  if (Object.hasOwn(profiles, profile)) return { [profile]: profiles[profile]! };
  throw badInput(
    '--profile',
    `received ${show(profile)}; allowed in the stack ${name}: ${Object.keys(profiles).join(', ')}`,
  );
}

/** A call's answer, or what its failure says: a refusal for want of a right tells nothing about the thing itself. */
async function orFinding<T extends object>(check: string, work: () => Promise<T>): Promise<T | Finding> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error as Error;
    if (/AccessDenied|UnauthorizedOperation|AuthorizationError/.test(`${name} ${message}`)) {
      const found = `no permission to ask: ${message}`;
      // Without the stack nothing else can be asked about, so nothing would be known to be in order.
      return check === 'stack' ? wrong(check, found, MAY_NOT_ASK) : unknown(check, found);
    }
    if (/fetch failed|TimeoutError|cannot be reached/.test(`${name} ${message}`))
      return check === 'credentials'
        ? wrong(check, `AWS cannot be reached: ${message}`, 'check the network')
        : unknown(check, `AWS cannot be reached: ${message}`);
    if (error instanceof BadInput || ['credentials', 'stack'].includes(check))
      return wrong(check, message, remedyOf(check));
    return unknown(check, `could not be asked: ${message}`);
  }
}

const MAY_NOT_ASK = 'attach the policy STACK-REGION-look, or name another stack with --stack';

const remedyOf = (check: string): string =>
  check === 'credentials' ? 'aws sso login, or aws configure; then set AWS_PROFILE and AWS_REGION' : 'npx cdk deploy';

const answered = (check: string, work: () => Promise<Finding>): Promise<Finding> => orFinding(check, work);

async function bucketFinding({ objects }: Stack): Promise<Finding> {
  const check = 'bucket';
  try {
    for await (const _ of objects.folders('sweeps/')) break;
    return ok(check, `${objects.url} can be listed`);
  } catch (error) {
    return wrong(
      check,
      `${objects.url} cannot be listed: ${(error as Error).message}`,
      `aws s3 ls ${objects.url}/ must work: ask for s3:ListBucket, s3:GetObject and s3:PutObject, or npx cdk deploy where the bucket is gone`,
    );
  }
}

function quotaFindings(caller: Caller, profiles: Profiles): Promise<Finding[]> {
  return Promise.all(
    sharedQuotas(profiles).map((quota) =>
      answered(`quota: ${quota.name}`, async () =>
        quotaFinding(quota, quota.code === null ? null : await ec2Quota(caller, quota.code)),
      ),
    ),
  );
}

async function spotRole(caller: Caller, profiles: Profiles): Promise<Finding[]> {
  if (Object.values(profiles).every(({ spot }) => spot === false)) return [];
  return [
    await answered('Spot role', async () => spotRoleFinding(await roleExists(caller, 'AWSServiceRoleForEC2Spot'))),
  ];
}

/** Of the queues, and of the subnets that their environments name. */
async function batchFindings(caller: Caller, { batch, secrets }: Stack, profiles: Profiles): Promise<Finding[]> {
  const subnets = new Set<string>();
  const queues = await Promise.all(
    Object.entries(profiles).map(([name, profile]) =>
      answered(`queue of ${name}`, async () => {
        const facts = await Promise.all(queuesOf({ profile }).map((queue) => queueFacts(batch, queue)));
        for (const subnet of facts.flatMap((each) => each.subnets)) subnets.add(subnet);
        return foremost(facts.map(({ queue, environments }) => queueFinding(name, queue, environments)));
      }),
    ),
  );
  const network =
    subnets.size === 0
      ? unknown('subnets', 'unknown, because no compute environment was found')
      : await answered('subnets', async () =>
          networkFinding(await networkFacts(caller, [...subnets].sort()), secrets.length > 0),
        );
  return [...queues, network];
}

/** Profiles share most images, so each is asked for once. */
async function imageFindings(caller: Caller, { batch }: Stack, profiles: Profiles): Promise<Finding[]> {
  const findings: Finding[] = [];
  const byImage = new Map<string, { chosen: boolean; profiles: string[] }>();
  for (const [name, { jobDefinition, image }] of Object.entries(profiles)) {
    const check = `image of ${name}`;
    const found = await orFinding(check, async () => ({ uri: await imageOf(batch, jobDefinition) }));
    if ('status' in found) findings.push(found);
    else if (found.uri === null)
      findings.push(wrong(check, `the job definition ${jobDefinition} is not active`, 'npx cdk deploy'));
    else {
      const entry = byImage.get(found.uri) ?? { chosen: image !== null, profiles: [] };
      entry.profiles.push(name);
      byImage.set(found.uri, entry);
    }
  }
  const asked = [...byImage].map(([uri, { chosen, profiles }]) =>
    answered(`image of ${profiles.join(', ')}`, async () => {
      const image = ecrImage(uri);
      return imageFinding(profiles, { uri, chosen }, image === null ? null : await isInEcr(caller, image));
    }),
  );
  return [...findings, ...(await Promise.all(asked))];
}

/** Of the account alone. */
async function accountFindings(caller: Caller): Promise<Finding[]> {
  return [await answered("Lambda's concurrency", async () => concurrencyFinding(await unreservedConcurrency(caller)))];
}
