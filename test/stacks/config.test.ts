import { describe, expect, test } from 'vitest';
import { BadInput } from '../../core/base/errors.ts';
import { parseConfig, pricesFit } from '../../stacks/config.ts';

function problemsOf(input: unknown): string[] {
  try {
    parseConfig(input);
  } catch (error) {
    if (error instanceof BadInput) return error.problems.map(({ field, message }) => `${field}: ${message}`);
    throw error;
  }
  return [];
}

test('without a configuration everything has a default', () => {
  expect(Object.keys(parseConfig(undefined).profiles)).toEqual(['gpu', 'multi-gpu', 'cpu']);
});

test('more profiles than the variables of a function hold are refused, and sooner with images of their own', () => {
  const profiles = (count: number, more = {}) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, { vcpus: 4, memoryMiB: 7000, ...more }]));
  const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/train@sha256:${'0'.repeat(64)}`;
  expect(problemsOf({ profiles: profiles(9) })).toEqual([]);
  expect(problemsOf({ profiles: profiles(7, { image }) })).toEqual([]);
  expect(problemsOf({ profiles: profiles(10) })).toEqual([
    expect.stringMatching(
      /^sweepstack\.profiles: received 10, about 4,440 bytes; allowed: .*about 9 profiles.*second stack/,
    ),
  ]);
  expect(problemsOf({ profiles: profiles(8, { image }) })).toHaveLength(1);
});

test('the instance types of few profiles fit beside them, of many they do not', () => {
  const stack = (count: number) =>
    parseConfig({
      profiles: Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, { vcpus: 4, memoryMiB: 7000 }])),
    });
  expect([1, 8, 9].map((count) => pricesFit(stack(count)))).toEqual([true, true, false]);
});

test.each(['rate(1 day)', 'rate(12 hours)', 'cron(0 3 ? * MON *)', 'at(2030-01-01T00:00:00)'])(
  'a schedule may say %s',
  (expression) => {
    expect(problemsOf({ schedules: [{ name: 'a', spec: 'a.yaml', expression, timezone: 'Europe/Paris' }] })).toEqual(
      [],
    );
  },
);

describe('refused before a deploy is', () => {
  const problems = (more: object) =>
    problemsOf({ schedules: [{ name: 'a', spec: 'a.yaml', expression: 'rate(1 day)', ...more }] });

  test.each(['rate(0 days)', 'rate(7 weeks)', 'cron(0 3 * * *)', 'at(tomorrow)', 'rate(1 day) '])(
    'the schedule "%s"',
    (expression) => {
      expect(problems({ expression })).toEqual([
        expect.stringMatching(/^sweepstack\.schedules\[0\]\.expression: .*cron\(\) with six fields/),
      ]);
    },
  );

  test.each(['Mars/Olympus', '+01:00', ''])('the time zone "%s"', (timezone) => {
    expect(problems({ timezone })).toEqual([
      expect.stringMatching(/^sweepstack\.schedules\[0\]\.timezone: .*Europe\/Paris/),
    ]);
  });
});

describe('an existing VPC', () => {
  const vpc = { id: 'vpc-0123456789abcdef0', subnets: ['subnet-11111111'] };

  test.each([
    ['vpc.id', { vpc: { ...vpc, id: 'my-vpc' } }, /allowed: the id of a VPC, such as vpc-0123/],
    ['vpc.subnets[0]', { vpc: { ...vpc, subnets: ['10.0.0.0/24'] } }, /allowed: the id of a subnet/],
    ['vpc.subnets', { vpc: { ...vpc, subnets: [] } }, /./],
    ['vpc.securityGroups[0]', { vpc: { ...vpc, securityGroups: ['default'] } }, /allowed: the id of a security group/],
    ['zones', { vpc, zones: 3 }, /is for a new VPC, but vpc names an existing one; remove one of the two/],
    ['subnets', { vpc, subnets: 'nat' }, /is for a new VPC/],
  ])('is refused before a deploy is: %s', (field, input, message) => {
    const [problem, ...others] = problemsOf(input);
    expect(others).toEqual([]);
    expect(problem).toMatch(message);
    expect(problem!.startsWith(`sweepstack.${field}: `), problem).toBe(true);
  });
});

test.each(['alias/team', 'arn:aws:kms:eu-west-1:123456789012:alias/team', '1234abcd-12ab-34cd-56ef-1234567890ab'])(
  'a key is named by its ARN, not as %s',
  (key) => {
    expect(problemsOf({ keys: [key] })).toEqual([
      expect.stringMatching(/^sweepstack\.keys\[0\]: .*allowed: the ARN of a KMS key \(not of an alias\)/),
    ]);
  },
);

test.each(['team-data', 'a.b.c', '1a2', 'x'.repeat(63)])('a bucket may be called %s', (name) => {
  expect(problemsOf({ bucket: name, dataBuckets: [name] })).toEqual([]);
});

test.each([
  'a..b',
  '.ab',
  'ab.',
  'ab',
  'A-b',
  'a_b',
  '192.168.5.4',
  'xn--abc',
  'ab--x-s3',
  'ab-s3alias',
  'x'.repeat(64),
])('a bucket called %s is refused', (name) => {
  for (const [field, config] of [
    ['bucket', { bucket: name }],
    ['dataBuckets[0]', { dataBuckets: [name] }],
  ] as const)
    expect(problemsOf(config)).toEqual([
      `sweepstack.${field}: received "${name}"; allowed: a bucket name: 3 to 63 of a-z, 0-9, - and single periods, such as team-data`,
    ]);
});

test.each(['aws/batch', 'aws/'])('a log group called %s is refused, as AWS keeps such names', (logGroup) => {
  expect(problemsOf({ logGroup })).toEqual([
    expect.stringMatching(/^sweepstack\.logGroup: .*does not begin with aws\//),
  ]);
  expect(problemsOf({ logGroup: `/${logGroup}` })).toEqual([]);
});

describe('a mistake is told with its key, what was received, and what is allowed', () => {
  test.each([
    ['an unknown key', { maxVCpus: 10 }, /^sweepstack\.maxVCpus: .*maxVcpus/],
    ['a wrong type', { zones: 'two' }, /^sweepstack\.zones: received "two"/],
    ['a number out of range', { zones: 9 }, /^sweepstack\.zones: received 9; allowed: .*6/],
    ['a choice that is none', { subnets: 'private' }, /^sweepstack\.subnets: received "private".*nat/],
    [
      'an instance type that is none',
      { gpuFamilies: ['A100'] },
      /^sweepstack\.gpuFamilies\[0\]: received "A100"; allowed: an instance family or type, such as g5/,
    ],
    [
      'default families that are too small',
      { profiles: { cpu: { vcpus: 160, memoryMiB: 7000 } } },
      /^sweepstack\.profiles\.cpu\.instanceTypes: not given, which means c6i and m6i: .*at most 128 vCPUs/,
    ],
    ['a profile without memory', { profiles: { big: { vcpus: 4 } } }, /^sweepstack\.profiles\.big\.memoryMiB: /],
    [
      'a key of a profile',
      { profiles: { big: { vcpus: 4, memoryMiB: 512, gpu: 1 } } },
      /^sweepstack\.profiles\.big\.gpu: .*gpus/,
    ],
    ['no profile at all', { profiles: {} }, /^sweepstack\.profiles: received none/],
    ['an address that is none', { notifications: ['me'] }, /^sweepstack\.notifications\[0\]: received "me"/],
    [
      'a schedule without a spec',
      { schedules: [{ name: 'x', expression: 'rate(1 day)' }] },
      /^sweepstack\.schedules\[0\]\.spec: /,
    ],
    [
      'a schedule by a plain word',
      { schedules: [{ name: 'x', spec: 's.yaml', expression: 'daily' }] },
      /^sweepstack\.schedules\[0\]\.expression: .*cron/,
    ],
  ])('%s', (_, input, message) => {
    const problems = problemsOf(input);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  test('two schedules of one name', () => {
    const schedule = { name: 'x', spec: 's.yaml', expression: 'rate(1 day)' };
    expect(problemsOf({ schedules: [schedule, schedule] })[0]).toMatch(/two schedules named x/);
  });

  test('instances that can never hold a trial, with those that can', () => {
    const profiles = { big: { vcpus: 8, memoryMiB: 29_000, gpus: 1, instanceTypes: ['g5.2xlarge', 'g5.xlarge'] } };
    expect(problemsOf({ profiles })).toEqual([
      expect.stringMatching(
        /^sweepstack\.profiles\.big\.instanceTypes\[1\]: received g5\.xlarge.*cheapest first: g4dn\.2/,
      ),
    ]);
  });

  test('an image of its own may run on ARM', () => {
    const arm = { vcpus: 4, memoryMiB: 7000, instanceTypes: ['c7g'] };
    expect(problemsOf({ profiles: { arm } })[0]).toMatch(
      /profiles\.arm\.instanceTypes\[0\]: received c7g, which is ARM/,
    );
    expect(problemsOf({ profiles: { arm: { ...arm, image: 'mine:1' } } })).toEqual([]);
    expect(problemsOf({ profiles: { arm }, image: 'mine:1' })).toEqual([]);
  });

  test('a trial of more vCPUs than its environment grows to', () => {
    expect(problemsOf({ maxVcpus: 16 })).toEqual([
      expect.stringMatching(/^sweepstack\.profiles\.multi-gpu\.vcpus: received 32; allowed: at most 16/),
    ]);
  });

  describe('GPU families that profiles share', () => {
    test('serve those that they are large enough for', () => {
      expect(problemsOf({ gpuFamilies: ['gr6', 'g5'] })).toEqual([]);
    });

    test('are refused once where they serve no profile', () => {
      expect(problemsOf({ gpuFamilies: ['g5', 'p3'] })).toEqual([
        expect.stringMatching(
          /^sweepstack\.gpuFamilies\[1\]: for the profile gpu: received p3.*set instanceTypes for the profile/,
        ),
      ]);
    });

    test('are refused where none of them serves a profile', () => {
      expect(problemsOf({ gpuFamilies: ['gr6'] })).toEqual([
        expect.stringMatching(/^sweepstack\.gpuFamilies\[0\]: for the profile multi-gpu: received gr6/),
      ]);
    });
  });

  test('several mistakes are told at once', () => {
    expect(problemsOf({ zones: 0, dashboard: 'yes' })).toHaveLength(2);
  });
});
