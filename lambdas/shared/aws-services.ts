import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { type ListedObject, listingDigest } from '../../core/data.ts';
import type { PlannedProfile } from '../../core/deployment.ts';
import { badInput, show } from '../../core/errors.ts';
import { S3Store } from '../../storage/s3.ts';
import type { Services } from './services.ts';

export interface AwsEnvironment {
  readonly STORE_URL: string;
  readonly PROFILES?: Readonly<Record<string, PlannedProfile>>;
}

export function awsServices(environment: AwsEnvironment): Services {
  const profiles = environment.PROFILES ?? {};
  const stepFunctions = new SFNClient({});
  return {
    store: new S3Store(environment.STORE_URL),
    profile: (name) => profiles[name] ?? null,
    profileNames: Object.keys(profiles),
    identifyData: identifyListing,
    isRunning: (execution) => isRunning(stepFunctions, execution),
    now: () => new Date().toISOString(),
  };
}

/** The identity of data in a bucket: the digest of its listing, so that no object is read. */
export async function identifyListing(uri: string) {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri);
  if (match === null) {
    throw badInput(
      'training.data',
      `received ${show(uri)}; allowed here: s3://bucket/prefix; start the sweep by the sweep command, which uploads a folder`,
    );
  }
  const prefix = match[2]!.replace(/\/?$/, match[2] === '' ? '' : '/');
  const objects: ListedObject[] = [];
  for await (const { key, size, etag } of new S3Store(`s3://${match[1]}`).list(prefix)) {
    objects.push({ key: key.slice(prefix.length), size, etag });
  }
  if (objects.length === 0)
    throw badInput('training.data', `received ${show(uri)}, where there is no object; check bucket and prefix`);
  return {
    uri,
    digest: listingDigest(objects),
    files: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Executions of this account only have ARNs; an owner of another kind (a local run) cannot be asked, so it counts as running. */
async function isRunning(client: SFNClient, execution: string): Promise<boolean> {
  if (!execution.startsWith('arn:')) return true;
  try {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn: execution }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE';
  } catch (error) {
    // Step Functions forgets executions 90 days after they closed.
    if ((error as Error).name === 'ExecutionDoesNotExist') return false;
    throw error;
  }
}
