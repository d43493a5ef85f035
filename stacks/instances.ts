import { Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { anyResource } from '../core/aws/grants.ts';
import type { Config } from './config.ts';
import { STACK_TAG } from './cost-tags.ts';
import { serviceRole } from './roles.ts';
import { agentSettings, userData } from './user-data.ts';

/** How instances are set up: disk, metadata service, boot script, and the ECS agent's permissions. */
export class Instances extends Construct {
  readonly launchTemplate: ec2.CfnLaunchTemplate;
  readonly profile: iam.CfnInstanceProfile;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.role = instanceRole(this);
    const images = Object.values(config.profiles).map(({ image = config.image }) => image);
    this.profile = new iam.CfnInstanceProfile(this, 'Profile', { roles: [this.role.roleName] });
    const { stackName } = Stack.of(this);
    const name = { key: 'Name', value: `${stackName}-trials` };
    this.launchTemplate = new ec2.CfnLaunchTemplate(this, 'Template', {
      launchTemplateData: {
        // IMDSv2 only. Two hops, because a container outside the host's network is one hop away.
        metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 2 },
        blockDeviceMappings: [
          // /dev/xvda: the root of Amazon Linux 2023.
          {
            deviceName: '/dev/xvda',
            ebs: {
              volumeType: 'gp3',
              volumeSize: config.diskGiB,
              ...speed(config.diskMiBps),
              encrypted: true,
              deleteOnTermination: true,
            },
          },
        ],
        userData: Buffer.from(userData(agentSettings({ keepMinutes: config.keepInstancesMinutes, images }))).toString(
          'base64',
        ),
        // Batch itself tags the instances with the stack's name, but nothing else tags their volumes.
        tagSpecifications: [
          { resourceType: 'instance', tags: [name] },
          { resourceType: 'volume', tags: [name, { key: STACK_TAG, value: stackName }] },
        ],
      },
    });
    Tags.of(this.launchTemplate).add(STACK_TAG, stackName);
  }
}

/** gp3 allows at most 0.25 MiB/s of throughput per IOPS, and includes 3,000 IOPS. */
function speed(throughput: number): { throughput: number; iops: number } {
  return { throughput, iops: Math.max(3000, 4 * throughput) };
}

/**
 * What the ECS agent needs on a Batch instance, except image pulls and logs, which use the jobs' execution role.
 * Containers share the host's network, so a trial's code can reach this role. Actions from
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
 */
function instanceRole(scope: Construct): iam.Role {
  const { partition, region, account } = Stack.of(scope);
  const ecs = (resource: string) => `arn:${partition}:ecs:${region}:${account}:${resource}`;
  const why = 'Batch creates and names the ECS cluster and its instances, so their names are not known here.';
  return serviceRole(scope, 'Role', 'ec2.amazonaws.com', 'Instances of sweeps: the ECS agent, and nothing for trials', [
    anyResource(['ecs:DiscoverPollEndpoint', 'ec2:DescribeTags'], 'Neither call has resource-level permissions.'),
    {
      actions: [
        'ecs:RegisterContainerInstance',
        'ecs:DeregisterContainerInstance',
        'ecs:SubmitContainerStateChange',
        'ecs:SubmitTaskStateChange',
        'ecs:SubmitAttachmentStateChanges',
      ],
      resources: [ecs('cluster/*')],
      why,
    },
    {
      actions: ['ecs:Poll', 'ecs:StartTelemetrySession', 'ecs:UpdateContainerInstancesState'],
      resources: [ecs('container-instance/*')],
      why,
    },
    {
      actions: ['ecs:TagResource'],
      resources: [ecs('container-instance/*')],
      conditions: { StringEquals: { 'ecs:CreateAction': 'RegisterContainerInstance' } },
      why,
    },
  ]);
}
