import { Fn, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Config } from './config.ts';

/** The AWS services that instances without internet access need: image pulls, ECS itself, and logs. */
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

/** The network that instances run in. */
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

  /** Referred to by id, never looked up, so synth needs no account. Its route to AWS is up to its owner. */
  #existingVpc({ id, subnets, securityGroups }: NonNullable<Config['vpc']>): Place {
    if (securityGroups !== undefined) return { subnetIds: subnets, securityGroupIds: securityGroups };
    // The raw resource: the construct asks for the VPC's zones and subnets, which a security group does not need.
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
      // By number rather than maxAzs, which gives two zones whatever it says unless the account's zones are known.
      availabilityZones: Array.from({ length: zones }, (_, zone) => Fn.select(zone, Fn.getAzs())),
      natGateways: subnets === 'nat' ? 1 : 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration:
        subnets === 'nat'
          ? [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 26 }, instances]
          : [instances],
      // Free, and all data goes through it. Its policy stays open because image layers come from an AWS bucket.
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
        'Flow logs of training traffic cost more than they are worth: no inbound traffic is allowed, and data goes through the S3 endpoint to a bucket that can log access.',
    });
    return {
      subnetIds: vpc.selectSubnets({ subnetType: type }).subnetIds,
      securityGroupIds: [securityGroup.securityGroupId],
    };
  }

  /** The instances' only way to AWS; nothing else in the network can reach them. */
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
