import { Fn, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Config } from './config.ts';

/** What instances without a way to the internet need of AWS: pulling images, ECS itself, and logs. */
const INTERFACE_ENDPOINTS = {
  EcrApi: ec2.InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Ecs: ec2.InterfaceVpcEndpointAwsService.ECS,
  EcsAgent: ec2.InterfaceVpcEndpointAwsService.ECS_AGENT,
  EcsTelemetry: ec2.InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
  Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  SecretsManager: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
};

const DESCRIPTION = 'Instances of sweeps: everything out, nothing in';

/** Where the instances stand. */
export class Network extends Construct {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    const { subnetIds, securityGroupIds } =
      config.vpc === undefined ? this.#newVpc(config) : this.#existingVpc(config.vpc);
    this.subnetIds = subnetIds;
    this.securityGroupIds = securityGroupIds;
  }

  /** Named by its ids, never looked up: synth needs no account. What leads from it to AWS is its owner's. */
  #existingVpc({ id, subnets, securityGroups }: NonNullable<Config['vpc']>): Place {
    if (securityGroups !== undefined) return { subnetIds: subnets, securityGroupIds: securityGroups };
    // The resource itself: the construct wants to know zones and subnets of the VPC, which matter to no security group.
    const group = new ec2.CfnSecurityGroup(this, 'Instances', {
      vpcId: id,
      groupDescription: DESCRIPTION,
      securityGroupEgress: [{ cidrIp: '0.0.0.0/0', ipProtocol: '-1' }],
    });
    return { subnetIds: subnets, securityGroupIds: [group.attrGroupId] };
  }

  #newVpc({ zones, subnets }: Config): Place {
    const type = {
      public: ec2.SubnetType.PUBLIC,
      nat: ec2.SubnetType.PRIVATE_WITH_EGRESS,
      endpoints: ec2.SubnetType.PRIVATE_ISOLATED,
    }[subnets];
    const instances = {
      name: 'Instances',
      subnetType: type,
      cidrMask: 20,
      ...(subnets === 'public' ? { mapPublicIpOnLaunch: true } : {}),
    };
    const vpc = new ec2.Vpc(this, 'Vpc', {
      // Named by number, not by maxAzs: without an account's zones at hand that would give two, whatever it says.
      availabilityZones: Array.from({ length: zones }, (_, zone) => Fn.select(zone, Fn.getAzs())),
      natGateways: subnets === 'nat' ? 1 : 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration:
        subnets === 'nat'
          ? [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 26 }, instances]
          : [instances],
      // Free, and every byte of data goes through it. Its policy stays open: image layers come from a bucket of AWS.
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    const securityGroup = new ec2.SecurityGroup(this, 'Instances', {
      vpc: vpc as ec2.IVpc,
      description: DESCRIPTION,
      allowAllOutbound: true,
    });
    if (subnets === 'endpoints') this.#endpoints(vpc, securityGroup);
    Validations.of(vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason:
        'Flow logs of training traffic cost more than they tell: nothing may come in, and data goes through the S3 endpoint, whose bucket can log access.',
    });
    return {
      subnetIds: vpc.selectSubnets({ subnetType: type }).subnetIds,
      securityGroupIds: [securityGroup.securityGroupId],
    };
  }

  /** The instances reach AWS by these alone; nobody else of the network reaches them. */
  #endpoints(vpc: ec2.Vpc, instances: ec2.SecurityGroup): void {
    const endpoints = new ec2.SecurityGroup(this, 'Endpoints', {
      vpc: vpc as ec2.IVpc,
      description: 'Endpoints of AWS services: HTTPS from the instances of sweeps',
      allowAllOutbound: false,
    });
    endpoints.addIngressRule(instances, ec2.Port.tcp(443), 'HTTPS from the instances');
    for (const [name, service] of Object.entries(INTERFACE_ENDPOINTS)) {
      vpc.addInterfaceEndpoint(name, { service, securityGroups: [endpoints], open: false });
    }
  }
}

/** Where Batch starts instances. */
interface Place {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}
