import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parseConfig } from '../../stacks/config.ts';
import { type ScheduledSweep, withScheduledSweeps } from '../../stacks/scheduled-sweeps.ts';
import { SweepstackStack } from '../../stacks/sweepstack-stack.ts';

/** Values that stand for what only a deployment knows. */
export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'Sweepstack',
};

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is any JSON
  readonly Properties: any;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A synthesized stack, and its values as a deployment would fill them in. */
export class Synthesized {
  readonly template: { readonly Resources: Readonly<Record<string, Resource>> };

  /** `scheduledSweeps`: those of the configuration, see `withSchedules`. */
  constructor(config: unknown = {}, name = 'Sweepstack', scheduledSweeps: readonly ScheduledSweep[] = []) {
    const stack = new SweepstackStack(new App(), name, { config: parseConfig(config), scheduledSweeps });
    this.template = Template.fromStack(stack).toJSON() as Synthesized['template'];
  }

  /** As the app makes it: with the schedules that the configuration names. */
  static withSchedules(config: unknown): Promise<Synthesized> {
    return withScheduledSweeps(new App(), parseConfig(config), (sweeps) => new Synthesized(config, undefined, sweeps));
  }

  /** The resources of a type, by logical id. */
  all(type: string): [string, Resource][] {
    return Object.entries(this.template.Resources).filter(([, resource]) => resource.Type === type);
  }

  /** The resolved properties of the resources of a type. */
  // biome-ignore lint/suspicious/noExplicitAny: a template is any JSON
  properties(type: string): any[] {
    return this.all(type).map(([, { Properties }]) => this.fill(Properties));
  }

  /** A value with every reference replaced by what AWS would make it. */
  // biome-ignore lint/suspicious/noExplicitAny: a template is any JSON
  fill(value: any): any {
    if (Array.isArray(value)) return value.map((item) => this.fill(item));
    if (value === null || typeof value !== 'object') return value;
    const [[name, argument] = []] = Object.entries(value);
    if (name === 'Ref') return PSEUDO[argument as string] ?? this.#reference(argument as string);
    if (name === 'Fn::GetAtt') return this.#attribute(argument as [string, string]);
    if (name === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map((part) => this.fill(part)).join(separator);
    }
    if (name === 'Fn::Sub') return this.#substitute(argument as string);
    if (name === 'Fn::Select') {
      const [index, list] = argument as [number, unknown];
      return `${this.fill(list)}-${index}`;
    }
    if (name === 'Fn::GetAZs') return 'zone';
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.fill(item)]));
  }

  #substitute(text: string): string {
    return text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => PSEUDO[name] ?? this.#reference(name));
  }

  #reference(id: string): string {
    const { Type, Properties } = this.#resource(id);
    switch (Type) {
      case 'AWS::S3::Bucket':
        return 'sweepstack-store';
      case 'AWS::Batch::JobDefinition':
        return `arn:aws:batch:${REGION}:${ACCOUNT}:job-definition/${Properties.JobDefinitionName}:1`;
      case 'AWS::Lambda::Version':
        return `${this.#attribute([this.fill(Properties.FunctionName.Ref), 'Arn'])}:1`;
      case 'AWS::Lambda::Function':
        return id;
      case 'AWS::SNS::Topic':
        return `arn:aws:sns:${REGION}:${ACCOUNT}:${id}`;
      case 'AWS::StepFunctions::StateMachine':
        return `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${Properties.StateMachineName}`;
      case 'AWS::Logs::LogGroup':
        return this.fill(Properties.LogGroupName);
      default:
        return id;
    }
  }

  #attribute([id, attribute]: readonly [string, string]): string {
    const { Type, Properties } = this.#resource(id);
    const name = this.fill(Properties?.FunctionName ?? Properties?.LogGroupName ?? id);
    switch (`${Type}.${attribute}`) {
      case 'AWS::S3::Bucket.Arn':
        return 'arn:aws:s3:::sweepstack-store';
      case 'AWS::Lambda::Function.Arn':
        return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
      case 'AWS::Logs::LogGroup.Arn':
        return `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}:*`;
      case 'AWS::IAM::Role.Arn':
        return `arn:aws:iam::${ACCOUNT}:role/${id}`;
      case 'AWS::Batch::JobQueue.JobQueueArn':
        return `arn:aws:batch:${REGION}:${ACCOUNT}:job-queue/${id}`;
      case 'AWS::SQS::Queue.Arn':
        return `arn:aws:sqs:${REGION}:${ACCOUNT}:${id}`;
      case 'AWS::Events::Rule.Arn':
        return `arn:aws:events:${REGION}:${ACCOUNT}:rule/${id}`;
      default:
        return `${id}.${attribute}`;
    }
  }

  #resource(id: string): Resource {
    const resource = this.template.Resources[id];
    if (resource === undefined) throw new Error(`the template has no resource ${id}`);
    return resource;
  }

  /** The filled statements of the policies of the role, or of the managed policy, whose logical id begins so. */
  policiesOf(role: string): { name: string; policy: unknown }[] {
    const managed = this.all('AWS::IAM::ManagedPolicy').filter(([id]) => id.startsWith(role));
    if (managed.length > 0)
      return managed.map(([name, { Properties }]) => ({ name, policy: this.fill(Properties.PolicyDocument) }));
    const ids = this.all('AWS::IAM::Role').map(([id]) => id);
    const found = ids.filter((id) => id.startsWith(role));
    if (found.length !== 1) throw new Error(`roles that begin with ${role}: ${found.join(', ') || ids.join(', ')}`);
    return this.all('AWS::IAM::Policy')
      .filter(([, { Properties }]) => Properties.Roles.some((each: { Ref: string }) => each.Ref === found[0]))
      .map(([name, { Properties }]) => ({ name, policy: this.fill(Properties.PolicyDocument) }));
  }
}

let made: Synthesized | undefined;
/** The stack as it is without any configuration, synthesized once a file. */
export function defaults(): Synthesized {
  made ??= new Synthesized();
  return made;
}
