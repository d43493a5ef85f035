import { Stack, Token } from 'aws-cdk-lib';
import * as batch from 'aws-cdk-lib/aws-batch';
import { Construct } from 'constructs';
import { purchaseOptions, type Spot } from '../core/aws/purchase.ts';
import { digestOf } from '../core/base/digest.ts';
import type { Priority } from '../core/spec/spec.ts';
import { type Config, instanceTypesOf } from './config.ts';
import { STACK_TAG } from './cost-tags.ts';
import { Instances } from './instances.ts';
import type { Network } from './network.ts';

/** When to cancel the first job of a queue: only if waiting cannot help. A GPU that is not there yet is no fault. */
const HOPELESS = ['MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE', 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT'];
/** The shortest time that Batch accepts. */
const HOPELESS_AFTER_SECONDS = 600;

export interface ComputeProps {
  readonly config: Config;
  readonly network: Network;
}

/** By priority: when environments have room, Batch serves the queue with the higher number first. */
const PRIORITIES = { normal: 1, high: 10 } as const satisfies Record<Priority, number>;
type Queues = Readonly<Record<Priority, batch.CfnJobQueue>>;

/** Compute environments and queues. Profiles that use the same instances share them. */
export class Compute extends Construct {
  readonly instances: Instances;
  /** By profile. */
  readonly queues: Readonly<Record<string, Queues>>;

  constructor(scope: Construct, id: string, { config, network }: ComputeProps) {
    super(scope, id);
    this.instances = new Instances(this, 'Instances', config);
    const fleets = new Map<string, Queues>();
    const queues: Record<string, Queues> = {};
    for (const [name, profile] of Object.entries(config.profiles)) {
      const types = [...new Set(instanceTypesOf(config, profile))];
      const fleet = { types, spot: profile.spot, gpus: profile.gpus > 0 };
      const fleetName = nameOf(fleet);
      queues[name] = fleets.get(fleetName) ?? this.#fleet(fleetName, fleet, config, network);
      fleets.set(fleetName, queues[name]);
    }
    this.queues = queues;
  }

  /** ARNs of all queues. */
  get queueArns(): string[] {
    const all = Object.values(this.queues).flatMap(({ normal, high }) => [normal, high]);
    return [...new Set(all)].map(({ attrJobQueueArn }) => attrJobQueueArn);
  }

  /** One queue per priority, over the profile's purchase options. */
  #fleet(name: string, fleet: Fleet, config: Config, network: Network): Queues {
    const kinds = purchaseOptions(fleet.spot).map((option) => (option === 'spot' ? 'SPOT' : 'EC2'));
    const environments = kinds.map((kind) => this.#environment(name, kind, fleet, config, network));
    return {
      normal: this.#queue(`${name}Queue`, PRIORITIES.normal, environments),
      high: this.#queue(`${name}HighQueue`, PRIORITIES.high, environments),
    };
  }

  #queue(id: string, priority: number, environments: readonly batch.CfnComputeEnvironment[]): batch.CfnJobQueue {
    return new batch.CfnJobQueue(this, id, {
      priority,
      computeEnvironmentOrder: environments.map(({ attrComputeEnvironmentArn }, index) => ({
        order: index + 1,
        computeEnvironment: attrComputeEnvironmentArn,
      })),
      jobStateTimeLimitActions: HOPELESS.map((reason) => ({
        action: 'CANCEL',
        maxTimeSeconds: HOPELESS_AFTER_SECONDS,
        reason,
        state: 'RUNNABLE',
      })),
    });
  }

  #environment(
    name: string,
    kind: 'SPOT' | 'EC2',
    fleet: Fleet,
    config: Config,
    network: Network,
  ): batch.CfnComputeEnvironment {
    const { launchTemplate, profile } = this.instances;
    return new batch.CfnComputeEnvironment(this, `${name}${kind === 'SPOT' ? 'Spot' : 'OnDemand'}`, {
      type: 'MANAGED',
      // No service role: infrastructure updates need Batch's service-linked role.
      replaceComputeEnvironment: false,
      updatePolicy: { jobExecutionTimeoutMinutes: config.updateMinutes, terminateJobsOnUpdate: false },
      computeResources: {
        type: kind,
        allocationStrategy: kind === 'SPOT' ? 'SPOT_PRICE_CAPACITY_OPTIMIZED' : onDemandStrategy(fleet.types),
        minvCpus: 0,
        maxvCpus: config.maxVcpus,
        instanceTypes: fleet.types,
        subnets: [...network.subnetIds],
        securityGroupIds: [...network.securityGroupIds],
        instanceRole: profile.attrArn,
        ec2Configuration: [{ imageType: fleet.gpus ? 'ECS_AL2023_NVIDIA' : 'ECS_AL2023' }],
        updateToLatestImageVersion: true,
        // With the version, or a change of the template would never reach an instance.
        launchTemplate: {
          launchTemplateId: launchTemplate.ref,
          version: Token.asString(launchTemplate.attrLatestVersionNumber),
        },
        // 0 resets what an earlier deploy set.
        scalingPolicy: { minScaleDownDelayMinutes: config.keepInstancesMinutes },
        tags: { [STACK_TAG]: Stack.of(this).stackName },
      },
    });
  }
}

interface Fleet {
  readonly types: string[];
  readonly spot: Spot;
  readonly gpus: boolean;
}

/**
 * Batch takes types in the order of the list, cheapest first unless someone chose another order: going by the price per
 * vCPU, it would pick large instances for small trials. Within a family, Batch chooses the size. Both strategies:
 * https://docs.aws.amazon.com/batch/latest/userguide/allocation-strategies.html
 */
const onDemandStrategy = (types: readonly string[]): string =>
  types.every((type) => type.includes('.')) ? 'BEST_FIT_PROGRESSIVE_ORDERED' : 'BEST_FIT_PROGRESSIVE';

/**
 * `G4dnG5GpuSpot1a2b3c4d`: named after the fleet, not after the profiles that use it. CloudFormation deletes a queue whose
 * name changes, with every job in it, and adding a profile must not cause that.
 */
function nameOf(fleet: Fleet): string {
  const types = fleet.types.map((type) => pascal(type.replaceAll('.', '-'))).join('');
  const kind = `${fleet.gpus ? 'Gpu' : 'Cpu'}${fleet.spot === 'only' ? 'SpotOnly' : fleet.spot ? 'Spot' : ''}`;
  // Many types make a long name, and without their dots two lists may look the same.
  return `${types.slice(0, 40)}${kind}${digestOf(fleet).slice(0, 8)}`;
}

/** `multi-gpu` -> `MultiGpu` */
export const pascal = (name: string): string =>
  name.replaceAll(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
