import * as z from 'zod';
import { typesOfFamilies } from '../core/aws/fleet.ts';
import { CPU_FAMILIES, DEFAULT_GPU_FAMILIES, DEFAULT_MAX_VCPUS, DEFAULT_PROFILES } from '../core/aws/profiles.ts';
import { spotSchema } from '../core/aws/purchase.ts';
import { BadInput, type Problem } from '../core/base/errors.ts';
import { BUCKET_NAME, SWEEP_NAME } from '../core/spec/patterns.ts';
import { knownKeysOf, problemsOf } from '../core/spec/problems.ts';
import { fitProblems } from './fit.ts';

/**
 * The one configuration of a deployment: `context.sweepstack` in cdk.json. Every key has a default; an unknown one is
 * refused.
 */

/** An instance family (`g5`) or type (`g4dn.xlarge`). */
const instanceType = z.string().regex(/^[a-z][a-z0-9-]*[0-9][a-z0-9-]*(\.[0-9]*[a-z]+[0-9a-z-]*)?$/, {
  error: 'expected an instance family or type, such as g5 or g4dn.xlarge',
});

const profileSchema = z
  .strictObject({
    instanceTypes: z
      .array(instanceType)
      .min(1)
      .optional()
      .describe(
        'Instance types or families. On demand, types are tried in this order; from a family, Batch takes any size that fits, however large. Default: sizes of gpuFamilies for profiles with GPUs, else c6i and m6i.',
      ),
    spot: spotSchema
      .default(true)
      .describe(
        'true: Spot instances, or on-demand ones when there are none. only: Spot alone. false: on demand alone.',
      ),
    gpus: z.int().min(0).max(16).default(0).describe('GPUs per trial.'),
    vcpus: z.int().min(1).max(192).describe('vCPUs per trial.'),
    memoryMiB: z
      .int()
      .min(256)
      .describe(
        'Memory per trial, in MiB. Leave some of the instance unused: the ECS agent and the kernel take about 10 %.',
      ),
    sharedMemoryMiB: z.int().min(64).default(8192).describe('Size of /dev/shm per trial, in MiB; data loaders use it.'),
    dollarsPerHour: z
      .number()
      .positive()
      .optional()
      .describe(
        'Your price for an hour of one of its instances, if it differs from the list price. Default: by `sweep prices`.',
      ),
    image: z
      .string()
      .min(1)
      .optional()
      .describe("Your own container image, with the runner added. The image is part of each trial's identity."),
  })
  .describe('A kind of machine. A spec chooses one with compute.profile.');

const bucketName = z.string().regex(BUCKET_NAME, {
  error: 'expected a bucket name: 3 to 63 of a-z, 0-9, - and single periods, such as team-data',
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html: names of AWS's own begin with aws/. */
const LOG_GROUP = /^(?!aws\/)[A-Za-z0-9_/.#-]{1,512}$/;

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
const EXPRESSION =
  /^(rate\([1-9][0-9]* (minute|hour|day)s?\)|cron\(\S+( \S+){5}\)|at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\))$/;

/** Checked here, or a wrong name would fail halfway through a deploy. */
function isTimeZone(name: string): boolean {
  try {
    return /^[A-Z]/i.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

const scheduleSchema = z.strictObject({
  name: z.string().regex(SWEEP_NAME).describe('Name of the schedule; its executions are named after it.'),
  spec: z.string().min(1).describe('Path of the spec file, relative to cdk.json. The spec must not set sweepId.'),
  expression: z
    .string()
    .regex(EXPRESSION, {
      error: 'expected rate(7 days), cron() with six fields, or at(2030-01-01T00:00:00), as in EventBridge Scheduler',
    })
    .describe('When to start: rate(7 days), cron(0 3 ? * MON *) or at(2030-01-01T00:00:00).'),
  timezone: z
    .string()
    .refine(isTimeZone, { error: 'expected a name of the IANA time zone database, such as Europe/Paris' })
    .default('UTC')
    .describe('Time zone for cron and at, such as Europe/Paris.'),
  enabled: z.boolean().default(true).describe('false switches the schedule off but keeps it deployed.'),
});

/** An EC2 id: seventeen hexadecimal digits, or eight in older accounts. */
const ec2Id = (prefix: string, what: string) =>
  z.string().regex(new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`), {
    error: `expected the id of ${what}, such as ${prefix}-0123456789abcdef0`,
  });

const vpcSchema = z
  .strictObject({
    id: ec2Id('vpc', 'a VPC').describe('The id of the VPC.'),
    subnets: z
      .array(ec2Id('subnet', 'a subnet'))
      .min(1)
      .describe(
        'Subnets for instances, ideally in several Availability Zones. Each must reach S3, ECR, ECS, CloudWatch Logs and, with `secrets`, Secrets Manager: through a NAT gateway, VPC endpoints or public addresses.',
      ),
    securityGroups: z
      .array(ec2Id('sg', 'a security group'))
      .min(1)
      .optional()
      .describe('Security groups for instances. Default: a new one that allows all outbound and no inbound traffic.'),
  })
  .describe('An existing VPC to use instead of a new one. It replaces `zones` and `subnets`.');

/** Policies name keys; an alias in a grant has no effect. */
const keyArn = z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/, {
  error: 'expected the ARN of a KMS key (not of an alias), such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-...',
});

const days = z.int().min(1).max(3650);

export const configSchema = z.strictObject({
  zones: z.int().min(1).max(6).default(2).describe('Number of Availability Zones. More zones find more Spot capacity.'),
  subnets: z
    .enum(['public', 'nat', 'endpoints'])
    .default('public')
    .describe(
      'Where instances run: public subnets with no inbound rules (free), private subnets behind a NAT gateway, or private subnets with interface endpoints only.',
    ),
  vpc: vpcSchema.optional(),
  gpuFamilies: z
    .array(instanceType)
    .min(1)
    .default([...DEFAULT_GPU_FAMILIES])
    .describe(
      'GPU families for profiles without instanceTypes. Each profile uses the sizes that fit a trial without more GPUs than it needs and cost at most three times the cheapest.',
    ),
  maxVcpus: z
    .int()
    .min(1)
    .max(100_000)
    .default(DEFAULT_MAX_VCPUS)
    .describe('Maximum vCPUs of each compute environment; Spot and on-demand instances are separate environments.'),
  keepInstancesMinutes: z
    .union([z.literal(0), z.int().min(20).max(10_080)])
    .default(0)
    .describe(
      'Minutes to keep an idle instance, with its image and data, for the next round. Idle minutes are billed. 0, or at least 20.',
    ),
  diskGiB: z
    .int()
    .min(30)
    .max(16_384)
    .default(200)
    .describe(
      'Root volume of each instance, for images, packages and data; its size limits the cache. Instances with local disks use those instead.',
    ),
  diskMiBps: z
    .int()
    .min(125)
    .max(2000)
    .default(500)
    .describe('Throughput of that volume, in MiB/s. Trials that start together on a large instance share it.'),
  updateMinutes: z
    .int()
    .min(1)
    .max(7200)
    .default(360)
    .describe(
      'Minutes that running trials get to finish when a deploy replaces instances. Set it to the length of your longest trial. Batch allows at most 7,200.',
    ),
  profiles: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), profileSchema)
    .default(DEFAULT_PROFILES)
    .describe('Kinds of machine that a spec can choose. If set, they replace the defaults.'),
  image: z
    .string()
    .min(1)
    .optional()
    .describe("URI of an image to use instead of building docker/trainer. It counts as Sweepstack's own image."),
  bucket: bucketName
    .optional()
    .describe(
      'An existing bucket for sweeps. Its encryption, versioning and lifecycle rules are up to you. Default: a new bucket.',
    ),
  dataBuckets: z.array(bucketName).default([]).describe('Other buckets whose data trials may read.'),
  secrets: z
    .array(z.string().regex(/^[A-Za-z0-9/_+=.@-]+$/))
    .default([])
    .describe('Names of Secrets Manager secrets that trials may read.'),
  keys: z
    .array(keyArn)
    .default([])
    .describe(
      'ARNs of the KMS keys that encrypt `bucket`, `dataBuckets` or `secrets`; they are used through S3 and Secrets Manager. Each key policy must let IAM policies of this account grant its use.',
    ),
  logGroup: z
    .string()
    .regex(LOG_GROUP, { error: 'expected a log group name that does not begin with aws/, such as /aws/batch/training' })
    .optional()
    .describe('Name of one new log group for all trials. Default: one per profile, /aws/batch/STACK-PROFILE.'),
  checkpointDays: days.default(14).describe('Days until a checkpoint expires.'),
  logDays: z
    .union([
      z.literal(1),
      z.literal(3),
      z.literal(5),
      z.literal(7),
      z.literal(14),
      z.literal(30),
      z.literal(60),
      z.literal(90),
      z.literal(180),
      z.literal(365),
    ])
    .default(30)
    .describe('Days to keep logs.'),
  notifications: z
    .array(z.email())
    .default([])
    .describe('Email addresses to notify when a sweep fails or cannot start.'),
  winners: z
    .array(z.email())
    .default([])
    .describe(
      'Email addresses to notify of the winner when a sweep ends. You can add other subscribers to the topic Winners.',
    ),
  alarms: z
    .boolean()
    .optional()
    .describe('CloudWatch alarms on failing functions and missing capacity. Default: true if notifications are set.'),
  dashboard: z.boolean().default(false).describe('A CloudWatch dashboard. The first three of an account are free.'),
  schedules: z.array(scheduleSchema).default([]).describe('Sweeps that start on a schedule.'),
});

export type Config = z.output<typeof configSchema>;
export type ProfileConfig = z.output<typeof profileSchema>;
export type ScheduleConfig = z.output<typeof scheduleSchema>;

/** @throws BadInput naming every key of cdk.json that cannot be used */
export function parseConfig(input: unknown): Config {
  const parsed = configSchema.safeParse(input ?? {});
  if (!parsed.success) {
    const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
    throw new BadInput(
      problemsOf(parsed.error, input, knownKeysOf(schema as object)).map(({ field, message }) => ({
        field: field === '' ? 'sweepstack' : `sweepstack.${field}`,
        message,
      })),
    );
  }
  checkNames(parsed.data);
  const problems = [...networkProblems(input, parsed.data), ...fitProblems(parsed.data), ...sizeProblems(parsed.data)];
  if (problems.length > 0) throw new BadInput(problems);
  return parsed.data;
}

/** Keys that apply only to a VPC that the stack creates. */
function networkProblems(input: unknown, { vpc }: Config): Problem[] {
  if (vpc === undefined) return [];
  return ['zones', 'subnets']
    .filter((key) => Object.hasOwn(input as object, key))
    .map((key) => ({
      field: `sweepstack.${key}`,
      message: 'is for a new VPC, but vpc names an existing one; remove one of the two',
    }));
}

/** Total bytes of a function's variables: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const VARIABLE_BYTES = 4096;
/** Bytes of the other variables, and of a profile with its queues' ARNs, less its name, which appears twice, and its image. */
const OTHER_BYTES = 200;
const PROFILE_BYTES = 420;

function profilesBytes({ profiles }: Config): number {
  return Object.entries(profiles).reduce(
    (sum, [name, { image = '' }]) => sum + PROFILE_BYTES + 2 * name.length + image.length,
    OTHER_BYTES,
  );
}

/** Beyond this a deploy would fail halfway. */
function sizeProblems(config: Config): Problem[] {
  const { profiles } = config;
  const bytes = profilesBytes(config);
  if (bytes <= VARIABLE_BYTES) return [];
  const count = Object.keys(profiles).length;
  return [
    {
      field: 'sweepstack.profiles',
      message: `received ${count}, about ${bytes.toLocaleString('en-US')} bytes; allowed: what fits in the 4,096 bytes of a function's variables, about ${Math.floor((VARIABLE_BYTES - OTHER_BYTES) / PROFILE_BYTES)} profiles, or fewer with their own images; deploy a second stack for the others`,
    },
  ];
}

function checkNames(config: Config): void {
  const names = config.schedules.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new BadInput([
      { field: 'sweepstack.schedules', message: `received two schedules named ${twice}; allowed: each name once` },
    ]);
  if (Object.keys(config.profiles).length === 0)
    throw new BadInput([
      { field: 'sweepstack.profiles', message: 'received none; allowed: one or more; add one, or leave the key out' },
    ]);
}

/** What determines the price of a profile's machines. */
export const pricedProfile = (config: Config, profile: ProfileConfig) => ({
  spot: profile.spot,
  instanceTypes: instanceTypesOf(config, profile),
  ...(profile.dollarsPerHour === undefined ? {} : { dollarsPerHour: profile.dollarsPerHour }),
});

/** Whether prices fit in a function's variables too; with many profiles they do not. */
export function pricesFit(config: Config): boolean {
  const priced = Object.values(config.profiles).map((profile) => JSON.stringify(pricedProfile(config, profile)));
  return profilesBytes(config) + priced.join('').length <= VARIABLE_BYTES;
}

/** The instance types of a profile, its defaults filled in. */
export function instanceTypesOf(config: Config, profile: ProfileConfig): string[] {
  return profile.instanceTypes ?? (profile.gpus > 0 ? typesOfFamilies(config.gpuFamilies, profile) : [...CPU_FAMILIES]);
}
