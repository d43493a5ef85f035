import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BatchClient } from '@aws-sdk/client-batch';
import { SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DEFAULT_STACK, type Deployment, deploymentParameter, deploymentSchema } from '../../core/aws/deployment.ts';
import { badInput } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';
import { clientDefaults } from '../../storage/aws-client.ts';
import { openStore } from '../../storage/open.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { AwsProblem, askingAws } from './errors.ts';

/** A deployed stack, ready to be used. */
export interface Stack extends Deployment {
  readonly name: string;
  readonly region: string;
  readonly objects: ObjectStore;
  readonly stepFunctions: SFNClient;
  readonly batch: BatchClient;
}

/** Throttled calls are sent again; a laptop's network stutters. */
const MAX_ATTEMPTS = 6;

/** Finds the stack by its SSM parameter, in the region and with the credentials of the standard chain. */
export async function openStack(name: string = DEFAULT_STACK): Promise<Stack> {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name))
    throw badInput('--stack', `received ${show(name)}; allowed: the name of a CloudFormation stack`);
  const deployment = await askingAws(`looking for the stack ${name}`, () => readDeployment(name));
  const settings = { ...clientDefaults(), maxAttempts: MAX_ATTEMPTS };
  const stepFunctions = new SFNClient(settings);
  return {
    ...deployment,
    name,
    region: await stepFunctions.config.region(),
    objects: await openStore(deployment.store),
    stepFunctions,
    batch: new BatchClient(settings),
  };
}

async function readDeployment(name: string): Promise<Deployment> {
  // Short of patience: it is the first call, and often made only to see whether AWS is there.
  const client = new SSMClient({
    ...clientDefaults(),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, socketTimeout: 10_000 },
  });
  const parameter = deploymentParameter(name);
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: parameter }));
    const parsed = deploymentSchema.safeParse(JSON.parse(Parameter?.Value ?? 'null'));
    if (parsed.success) return parsed.data;
    throw new AwsProblem(
      `the SSM parameter ${parameter} was not written by this version of Sweepstack; deploy the stack again (npx cdk deploy)`,
    );
  } catch (error) {
    if ((error as Error).name !== 'ParameterNotFound') throw error;
    throw badInput(
      '--stack',
      `there is no stack ${name} in ${await client.config.region()} (no SSM parameter ${parameter}); deploy it (npx cdk deploy), set another region with AWS_REGION, or another stack with --stack`,
    );
  } finally {
    client.destroy();
  }
}

/** Whether anything here points to an AWS account: commands that were not told where to look then ask there as well. */
export function awsIsConfigured(environment: NodeJS.ProcessEnv = process.env): boolean {
  const variables = ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN'];
  const files = ['credentials', 'config'].map((file) => join(homedir(), '.aws', file));
  return variables.some((name) => environment[name]) || files.some((file) => existsSync(file));
}
