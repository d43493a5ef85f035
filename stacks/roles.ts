import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Grant } from '../core/aws/grants.ts';

/** A role for one AWS service, with the given grants and no others. */
export function serviceRole(
  scope: Construct,
  id: string,
  service: string,
  description: string,
  grants: readonly Grant[],
): iam.Role {
  const role = new iam.Role(scope, id, {
    assumedBy: new iam.ServicePrincipal(service, sameAccount(scope, service)),
    description,
  });
  for (const grant of grants) addGrant(role, grant);
  return role;
}

/** @throws Error for a wildcard without a reason */
export function addGrant(role: iam.Role | iam.ManagedPolicy, { actions, resources, conditions, why }: Grant): void {
  const statement = new iam.PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  });
  if (role instanceof iam.ManagedPolicy) role.addStatements(statement);
  else role.addToPolicy(statement);
  for (const resource of resources) {
    const name = readable(Stack.of(role).resolve(resource));
    if (!name.includes('*')) continue;
    if (why === undefined) throw new Error(`${role.node.path}: ${actions.join(', ')} on ${name} says not why`);
    // cdk-nag identifies a finding by its resource, so each is acknowledged separately.
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${name}]`, reason: why });
  }
}

/** A resolved value as cdk-nag writes it: `arn:<AWS::Partition>:s3:::<Bucket.Arn>/x`. */
function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  const [[name, argument] = []] = Object.entries(value);
  if (name === 'Ref') return `<${argument}>`;
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (name === 'Fn::Join')
    return ((argument as unknown[])[1] as unknown[]).map(readable).join((argument as string[])[0]);
  return JSON.stringify(value);
}

/**
 * Prevents the confused deputy: Step Functions and Scheduler state the account they assume a role for, and only this one
 * is accepted. Lambda, EC2 and ECS tasks get their roles through calls that need iam:PassRole in this account.
 */
function sameAccount(scope: Construct, service: string): iam.ServicePrincipalOpts {
  if (!['states.amazonaws.com', 'scheduler.amazonaws.com'].includes(service)) return {};
  return { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } } };
}
