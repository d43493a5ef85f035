import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { DEFAULT_PROFILES } from '../../core/aws/profiles.ts';
import { retryStrategy } from '../../core/aws/retry.ts';
import { trainerImage } from '../../stacks/image.ts';
import { defaults, type Resource, Synthesized } from './support.ts';

// What no emulator shows: each trap of Batch, Step Functions and CDK that the template must stay clear of.

const stack = defaults();
const environments = stack.properties('AWS::Batch::ComputeEnvironment');
const definitions = stack.properties('AWS::Batch::JobDefinition');
const job = (name: string) => definitions.find(({ JobDefinitionName }) => JobDefinitionName === `Sweepstack-${name}`);
const resources = (name: string) =>
  Object.fromEntries(
    job(name).ContainerProperties.ResourceRequirements.map(({ Type, Value }: Record<string, string>) => [Type, Value]),
  );

describe('compute environments', () => {
  test('cost nothing when idle and stop at 256 vCPUs', () => {
    for (const { ComputeResources } of environments)
      expect(ComputeResources).toMatchObject({ MinvCpus: 0, MaxvCpus: 256 });
  });

  test('a queue tries Spot first and on-demand instances second', () => {
    const kinds = new Map(
      stack
        .all('AWS::Batch::ComputeEnvironment')
        .map(([id, { Properties }]) => [id, Properties.ComputeResources.Type as string]),
    );
    for (const [, { Properties }] of stack.all('AWS::Batch::JobQueue')) {
      const order = [...Properties.ComputeEnvironmentOrder].sort((a, b) => a.Order - b.Order);
      expect(order.map((each) => kinds.get(each.ComputeEnvironment['Fn::GetAtt'][0]))).toEqual(['SPOT', 'EC2']);
    }
  });

  test('are allocated as infrastructure updates allow, on demand in the order of named types', () => {
    for (const { ComputeResources } of environments) {
      const { Type, AllocationStrategy, InstanceTypes } = ComputeResources;
      const onDemand = InstanceTypes.includes('c6i') ? 'BEST_FIT_PROGRESSIVE' : 'BEST_FIT_PROGRESSIVE_ORDERED';
      expect(AllocationStrategy).toBe(Type === 'SPOT' ? 'SPOT_PRICE_CAPACITY_OPTIMIZED' : onDemand);
    }
  });

  test('of a profile that wants nothing but Spot are Spot', () => {
    const only = new Synthesized({ profiles: { gpu: { ...DEFAULT_PROFILES.gpu, spot: 'only' } } });
    const kinds = only
      .all('AWS::Batch::ComputeEnvironment')
      .map(([, { Properties }]) => Properties.ComputeResources.Type);
    expect(kinds).toEqual(['SPOT']);
  });

  test('have no service role, so that an update is made in place', () => {
    for (const environment of environments) {
      expect(environment.ServiceRole).toBeUndefined();
      expect(environment.ReplaceComputeEnvironment).toBe(false);
    }
  });

  test('GPU ones run the Amazon Linux 2023 image with NVIDIA drivers, on sizes that fit the trials of one profile', () => {
    const gpu = environments.filter(({ ComputeResources }) => !ComputeResources.InstanceTypes.includes('c6i'));
    expect(gpu).toHaveLength(4);
    for (const { ComputeResources } of gpu)
      expect(ComputeResources.Ec2Configuration).toEqual([{ ImageType: 'ECS_AL2023_NVIDIA' }]);
    const cheapest = new Set(gpu.map(({ ComputeResources }) => ComputeResources.InstanceTypes[0]));
    expect(cheapest).toEqual(new Set(['g4dn.2xlarge', 'g4dn.12xlarge']));
  });

  test('name the version of the launch template, or an edit would never reach an instance', () => {
    for (const [, { Properties }] of stack.all('AWS::Batch::ComputeEnvironment')) {
      expect(Properties.ComputeResources.LaunchTemplate.Version['Fn::GetAtt'][1]).toBe('LatestVersionNumber');
    }
  });

  test('a deploy gives running trials the longest time that Batch takes', () => {
    for (const { UpdatePolicy } of environments)
      expect(UpdatePolicy).toEqual({ JobExecutionTimeoutMinutes: 360, TerminateJobsOnUpdate: false });
  });

  test('keep no idle instance unless asked to', () => {
    for (const { ComputeResources } of environments)
      expect(ComputeResources.ScalingPolicy.MinScaleDownDelayMinutes).toBe(0);
  });
});

describe('another profile in the configuration', () => {
  const mine = { gpus: 1, vcpus: 4, memoryMiB: 14_000, instanceTypes: ['g6.2xlarge', 'g6.4xlarge'] };
  const { gpu, cpu } = DEFAULT_PROFILES;
  const before = new Synthesized({ profiles: { gpu, cpu } });
  const kinds = ['AWS::Batch::JobQueue', 'AWS::Batch::ComputeEnvironment', 'AWS::Batch::JobDefinition'];
  const ofBatch = (made: Synthesized) => Object.fromEntries(kinds.flatMap((kind) => made.all(kind)));

  test.each([
    ['of other instances', mine],
    ['of the same instances', { ...gpu, memoryMiB: 20_000 }],
  ])('before the others, %s, neither replaces nor changes what they have', (_, first) => {
    const after = ofBatch(new Synthesized({ profiles: { a: first, gpu, cpu } }));
    for (const [id, resource] of Object.entries(ofBatch(before))) expect(after[id], id).toEqual(resource);
  });

  test('that has the same instances shares their queue', () => {
    expect(queuesOf({ a: mine, b: { ...mine, memoryMiB: 10_000 } })).toHaveLength(1);
  });

  test.each([
    ['other types', { instanceTypes: ['g6.4xlarge'] }],
    ['the same types in another order', { instanceTypes: [...mine.instanceTypes].reverse() }],
    ['Spot only', { spot: 'only' }],
    ['no Spot', { spot: false }],
    ['no GPUs', { gpus: 0 }],
  ])('of %s has a queue of its own', (_, change) => {
    expect(queuesOf({ a: mine, b: { ...mine, ...change } })).toHaveLength(2);
  });

  function queuesOf(profiles: object): string[] {
    const queues = new Synthesized({ profiles }).all('AWS::Batch::JobQueue');
    return queues.filter(([, { Properties }]) => Properties.Priority === 1).map(([id]) => id);
  }
});

describe('queues', () => {
  test('over the same environments are two, of which Batch looks at one first', () => {
    const byEnvironments = new Map<string, number[]>();
    for (const { ComputeEnvironmentOrder, Priority } of stack.properties('AWS::Batch::JobQueue')) {
      const environments = JSON.stringify(ComputeEnvironmentOrder);
      byEnvironments.set(environments, [...(byEnvironments.get(environments) ?? []), Priority]);
    }
    expect([...byEnvironments.values()]).toEqual([
      [1, 10],
      [1, 10],
      [1, 10],
    ]);
  });

  test('cancel only what waiting will not mend', () => {
    for (const { JobStateTimeLimitActions } of stack.properties('AWS::Batch::JobQueue')) {
      for (const { Reason, State, Action, MaxTimeSeconds } of JobStateTimeLimitActions) {
        expect(Reason).toMatch(/^MISCONFIGURATION:/);
        expect([State, Action]).toEqual(['RUNNABLE', 'CANCEL']);
        expect(MaxTimeSeconds).toBeGreaterThanOrEqual(600);
      }
    }
  });
});

describe('instances', () => {
  const { LaunchTemplateData } = stack.properties('AWS::EC2::LaunchTemplate')[0];
  const userData = Buffer.from(LaunchTemplateData.UserData, 'base64').toString();

  test('answer metadata by IMDSv2 alone, two hops away', () => {
    expect(LaunchTemplateData.MetadataOptions).toEqual({ HttpTokens: 'required', HttpPutResponseHopLimit: 2 });
  });

  test('have an encrypted gp3 root volume with room for images and data', () => {
    const [{ DeviceName, Ebs }] = LaunchTemplateData.BlockDeviceMappings;
    expect(DeviceName).toBe('/dev/xvda');
    expect(Ebs).toMatchObject({ VolumeType: 'gp3', VolumeSize: 200, Encrypted: true });
  });

  test('have a volume of 500 MiB/s, and the IOPS that it takes', () => {
    const [{ Ebs }] = LaunchTemplateData.BlockDeviceMappings;
    expect(Ebs).toMatchObject({ Throughput: 500, Iops: 3000 });
    const fast = new Synthesized({ diskMiBps: 1000 }).properties('AWS::EC2::LaunchTemplate')[0].LaunchTemplateData;
    expect(fast.BlockDeviceMappings[0].Ebs).toMatchObject({ Throughput: 1000, Iops: 4000 });
  });

  test('are told in MIME parts, which is all that Batch takes, what to do at each boot', () => {
    expect(userData).toMatch(
      /^MIME-Version: 1\.0\nContent-Type: multipart\/mixed; boundary="(.+)"\n\n--\1\nContent-Type: text\/cloud-boothook; charset="us-ascii"\n\n#!\/bin\/bash\n/,
    );
    expect(userData).toMatch(/--==SWEEPSTACK==--\n$/);
  });

  test('drain on a Spot notice, pull an image once, keep it as long as themselves, and wait for a busy disk', () => {
    for (const line of [
      'ECS_ENABLE_SPOT_INSTANCE_DRAINING=true',
      'ECS_IMAGE_PULL_BEHAVIOR=once',
      'ECS_IMAGE_MINIMUM_CLEANUP_AGE=1440m',
      'ECS_CONTAINER_CREATE_TIMEOUT=20m',
    ])
      expect(userData).toContain(line);
  });

  test('make the cache for the user of the image', () => {
    expect(userData).toContain("cache='/var/cache/sweepstack'\n");
    expect(userData).toContain('user=1000\n');
    const dockerfile = readFileSync(join(import.meta.dirname, '../../docker/trainer/Dockerfile'), 'utf8');
    expect(dockerfile).toContain('USER 1000:1000');
    expect(dockerfile).toContain('VOLUME /var/cache/sweepstack');
  });

  test('let nothing in', () => {
    expect(stack.all('AWS::EC2::SecurityGroupIngress')).toEqual([]);
    for (const group of stack.properties('AWS::EC2::SecurityGroup')) expect(group.SecurityGroupIngress).toBeUndefined();
  });
});

describe('job definitions', () => {
  test('ask for less memory than an instance has, or they would never fit', () => {
    expect(resources('gpu')).toEqual({ VCPU: '8', MEMORY: '29000', GPU: '1' });
    expect(resources('multi-gpu')).toEqual({ VCPU: '32', MEMORY: '117000', GPU: '4' });
    expect(resources('cpu')).toEqual({ VCPU: '4', MEMORY: '7000' });
    for (const [name, gib] of Object.entries({ gpu: 32, 'multi-gpu': 128, cpu: 8 }))
      expect(Number(resources(name)['MEMORY'])).toBeLessThan(gib * 1024 * 0.92);
  });

  test.each([
    ['gpu', 8192],
    ['multi-gpu', 16_384],
  ])('%s has an init process and %i MiB of shared memory', (name, size) => {
    expect(job(name).ContainerProperties.LinuxParameters).toEqual({ InitProcessEnabled: true, SharedMemorySize: size });
  });

  test('tell the runner its region, the GPUs and vCPUs promised, and the cache, as text', () => {
    expect(job('multi-gpu').ContainerProperties.Environment).toEqual([
      { Name: 'AWS_REGION', Value: 'eu-west-1' },
      { Name: 'SWEEP_GPUS', Value: '4' },
      { Name: 'SWEEP_VCPUS', Value: '32' },
      { Name: 'SWEEP_CACHE', Value: '/var/cache/sweepstack' },
    ]);
  });

  test("mount the host's cache where the runner looks for it", () => {
    for (const { ContainerProperties } of definitions) {
      const [volume] = ContainerProperties.Volumes;
      expect(volume.Host.SourcePath).toBe('/var/cache/sweepstack');
      expect(ContainerProperties.MountPoints).toEqual([
        { SourceVolume: volume.Name, ContainerPath: '/var/cache/sweepstack', ReadOnly: false },
      ]);
    }
  });

  test('keep their old revisions when they change', () => {
    for (const { ResourceRetentionPolicy } of definitions)
      expect(ResourceRetentionPolicy).toEqual({ SkipDeregisterOnUpdate: true });
  });

  test("are tagged for the bill with the stack's name, as the volumes of instances and the bucket are", () => {
    const tag = { Key: 'sweepstack:stack', Value: 'Sweepstack' };
    for (const { Tags } of definitions) expect(Tags).toEqual({ [tag.Key]: tag.Value });
    const [{ LaunchTemplateData }] = stack.properties('AWS::EC2::LaunchTemplate');
    const volume = LaunchTemplateData.TagSpecifications.find(
      ({ ResourceType }: { ResourceType: string }) => ResourceType === 'volume',
    );
    expect(volume.Tags).toContainEqual(tag);
    expect(stack.properties('AWS::S3::Bucket')[0].Tags).toContainEqual(tag);
  });

  test('have a time-out, pass tags on, and log to a group of their own that is kept for a month', () => {
    for (const { Timeout, PropagateTags, JobDefinitionName, ContainerProperties } of definitions) {
      expect(Timeout.AttemptDurationSeconds).toBeGreaterThanOrEqual(60);
      expect(PropagateTags).toBe(true);
      const group = ContainerProperties.LogConfiguration.Options['awslogs-group'];
      expect(group).toBe(`/aws/batch/${JobDefinitionName}`);
      const log = stack.properties('AWS::Logs::LogGroup').find(({ LogGroupName }) => LogGroupName === group);
      expect(log.RetentionInDays).toBe(30);
    }
  });

  test('have the retry rules of core, at most five, the last of which ends it', () => {
    const rules = retryStrategy(3).EvaluateOnExit;
    expect(rules.length).toBeLessThanOrEqual(5);
    expect(rules.at(-1)).toEqual({ OnReason: '*', Action: 'EXIT' });
    for (const { RetryStrategy } of definitions) expect(RetryStrategy).toEqual({ Attempts: 3, EvaluateOnExit: rules });
  });

  test('are no larger than Batch takes', () => {
    for (const definition of definitions) expect(JSON.stringify(definition).length).toBeLessThan(24 * 1024);
  });

  test('the image is built for the instances, whatever the deployer runs', () => {
    const app = new App();
    const alone = new Stack(app, 'Image');
    trainerImage(alone);
    new CfnResource(alone, 'Topic', { type: 'AWS::SNS::Topic' });
    const { directory } = app.synth();
    const { dockerImages } = JSON.parse(readFileSync(join(directory, `${alone.artifactId}.assets.json`), 'utf8'));
    const platforms = Object.values<{ source: { platform?: string } }>(dockerImages).map(
      ({ source }) => source.platform,
    );
    expect(platforms).toEqual(['linux/amd64']);
    for (const { ContainerProperties } of definitions)
      expect(ContainerProperties.Image).toMatch(
        /\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/cdk-hnb659fds-container-assets/,
      );
  });
});

describe('the store', () => {
  const [[, bucket]] = stack.all('AWS::S3::Bucket') as [[string, Resource]];
  const rules = bucket.Properties.LifecycleConfiguration.Rules as {
    Id: string;
    Prefix?: string;
    ExpirationInDays?: number;
  }[];

  test('is kept when the stack is deleted, but not when the deploy that makes it fails', () => {
    expect([bucket.DeletionPolicy, bucket.UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test('keeps its policy as long as it is kept', () => {
    const [[, policy]] = stack.all('AWS::S3::BucketPolicy') as [[string, Resource]];
    expect(policy.Properties.Bucket).toEqual({ Ref: stack.all('AWS::S3::Bucket')[0]![0] });
    expect([policy.DeletionPolicy, policy.UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test('keeps no versions, which would bill every replaced checkpoint', () => {
    expect(bucket.Properties.VersioningConfiguration).toBeUndefined();
  });

  test('is private and encrypted, and speaks TLS only', () => {
    expect(Object.values(bucket.Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(bucket.Properties.BucketEncryption).toBeDefined();
    const statements = stack.properties('AWS::S3::BucketPolicy')[0].PolicyDocument.Statement;
    expect(statements).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  test('nothing that a champion points to ever expires', () => {
    for (const rule of rules) {
      const reaches = rule.Prefix === undefined || 'models/'.startsWith(rule.Prefix);
      const expires = ['ExpirationInDays', 'NoncurrentVersionExpiration'].some((key) => key in rule);
      expect(reaches && expires, rule.Id).toBe(false);
    }
  });

  test('checkpoints expire, and unfinished uploads are aborted', () => {
    expect(rules).toContainEqual(expect.objectContaining({ Prefix: 'checkpoints/', ExpirationInDays: 14 }));
    expect(rules).toContainEqual(
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
    );
  });

  test('results, sources and data never expire; only old versions from an earlier release do', () => {
    for (const rule of rules) {
      if (rule.Prefix !== 'checkpoints/') expect(rule.ExpirationInDays, rule.Id).toBeUndefined();
    }
    for (const prefix of ['sweeps/', 'checkpoints/', 'sources/', 'data/'])
      expect(rules).toContainEqual(
        expect.objectContaining({ Prefix: prefix, NoncurrentVersionExpiration: { NoncurrentDays: 1 } }),
      );
  });
});

describe('the network', () => {
  test('has public subnets, no NAT gateway and an S3 endpoint whose policy is open by default', () => {
    expect(stack.all('AWS::EC2::NatGateway')).toEqual([]);
    for (const subnet of stack.properties('AWS::EC2::Subnet')) expect(subnet.MapPublicIpOnLaunch).toBe(true);
    const [endpoint] = stack.properties('AWS::EC2::VPCEndpoint');
    expect(endpoint.VpcEndpointType).toBe('Gateway');
    expect(endpoint.PolicyDocument).toBeUndefined();
  });

  test.each([1, 3])('%i zones are as many as are asked for, without an account at hand', (zones) => {
    expect(new Synthesized({ zones }).all('AWS::EC2::Subnet')).toHaveLength(zones);
  });

  test('private subnets with NAT have one gateway', () => {
    const nat = new Synthesized({ subnets: 'nat' });
    expect(nat.all('AWS::EC2::NatGateway')).toHaveLength(1);
  });

  test('private subnets without NAT have every endpoint that ECS, ECR and logs need', () => {
    const services = new Synthesized({ subnets: 'endpoints' })
      .properties('AWS::EC2::VPCEndpoint')
      .map(({ ServiceName }) => ServiceName.replace('com.amazonaws.eu-west-1.', ''));
    for (const name of ['ecr.api', 'ecr.dkr', 'ecs', 'ecs-agent', 'ecs-telemetry', 'logs', 's3'])
      expect(services).toContain(name);
  });
});

describe('an existing VPC', () => {
  const vpc = { id: 'vpc-0123456789abcdef0', subnets: ['subnet-0123456789abcdef0', 'subnet-11111111'] };
  const places = (made: Synthesized) =>
    made.properties('AWS::Batch::ComputeEnvironment').map(({ ComputeResources }) => ComputeResources);

  test('is taken by its ids, without an account at hand, and nothing is added to it but a security group', () => {
    const made = new Synthesized({ vpc });
    const [found, ...others] = made.all('AWS::EC2::SecurityGroup');
    const [group, { Properties }] = found!;
    expect(others).toEqual([]);
    expect(Properties.VpcId).toBe(vpc.id);
    expect(Properties.SecurityGroupIngress).toBeUndefined();
    for (const kind of ['VPC', 'Subnet', 'VPCEndpoint', 'InternetGateway', 'NatGateway', 'Route'])
      expect(made.all(`AWS::EC2::${kind}`), kind).toEqual([]);
    for (const { Subnets, SecurityGroupIds } of places(made)) {
      expect(Subnets).toEqual(vpc.subnets);
      expect(SecurityGroupIds).toEqual([`${group}.GroupId`]);
    }
  });

  test('with security groups of its own is not touched at all', () => {
    const made = new Synthesized({ vpc: { ...vpc, securityGroups: ['sg-0123456789abcdef0'] } });
    expect(made.all('AWS::EC2::SecurityGroup')).toEqual([]);
    for (const { SecurityGroupIds } of places(made)) expect(SecurityGroupIds).toEqual(['sg-0123456789abcdef0']);
  });
});

describe('the functions', () => {
  const functions = stack.properties('AWS::Lambda::Function');

  test('run on arm64 under Node 24, with traces, JSON logs and a log that is kept for a month', () => {
    expect(functions).toHaveLength(5);
    for (const fn of functions) {
      expect(fn).toMatchObject({
        Architectures: ['arm64'],
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
      });
      // Node would read every source map at each start: lambdas/shared/source-positions.ts does it when there is an error.
      expect(fn.Environment.Variables).not.toHaveProperty('NODE_OPTIONS');
      expect(fn.LoggingConfig.LogFormat).toBe('JSON');
      const log = stack
        .properties('AWS::Logs::LogGroup')
        .find((each) => each.LogGroupName === fn.LoggingConfig.LogGroup);
      expect(log.RetentionInDays).toBe(30);
    }
  });

  test('their versions stay when they change, for the sweeps that run', () => {
    const versions = stack.all('AWS::Lambda::Version');
    expect(versions).toHaveLength(5);
    for (const [, { DeletionPolicy, UpdateReplacePolicy }] of versions)
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  describe('that plan rounds get a version of their own for', () => {
    const { gpu } = DEFAULT_PROFILES;
    const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/train@sha256:';
    const before = { profiles: { gpu }, image: `${image}1` };
    const versionsOf = (config: object) =>
      new Map(
        new Synthesized(config)
          .all('AWS::Lambda::Version')
          .map(([id, { Properties }]) => [Properties.FunctionName.Ref.replace(/[0-9A-F]{8}$/, ''), id]),
      );
    const first = versionsOf(before);

    test.each([
      ['another image', { ...before, image: `${image}2` }],
      ['more memory', { ...before, profiles: { gpu: { ...gpu, memoryMiB: 30_000 } } }],
      ['more shared memory', { ...before, profiles: { gpu: { ...gpu, sharedMemoryMiB: 16_384 } } }],
    ])('%s, and no other function does', (_, config) => {
      expect(changedBy(config)).toEqual(['FunctionsPlan']);
    });

    test('nothing that changes no job definition', () => {
      expect(changedBy({ ...before, checkpointDays: 7 })).toEqual([]);
    });

    function changedBy(config: object): string[] {
      return [...versionsOf(config)].filter(([name, id]) => first.get(name) !== id).map(([name]) => name);
    }
  });

  test('their environment is less than the 4 KB that Lambda takes', () => {
    for (const { Environment } of functions) expect(JSON.stringify(Environment).length).toBeLessThan(4096);
  });
});

describe('the state machine', () => {
  const [machine] = stack.properties('AWS::StepFunctions::StateMachine');

  test('is a standard one with a time-out, traced, and logs no input', () => {
    expect(machine.StateMachineType).toBe('STANDARD');
    expect(JSON.parse(machine.DefinitionString).TimeoutSeconds).toBeGreaterThan(14 * 24 * 3600);
    expect(machine.TracingConfiguration).toEqual({ Enabled: true });
    expect(machine.LoggingConfiguration.IncludeExecutionData).toBe(false);
  });

  test('has the rights before it is made', () => {
    const [, { DependsOn }] = stack.all('AWS::StepFunctions::StateMachine')[0]!;
    expect(DependsOn).toContainEqual(expect.stringMatching(/^SweepRoleDefaultPolicy/));
  });
});
