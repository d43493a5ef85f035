import { DescribeExecutionCommand, type DescribeExecutionCommandOutput, SFNClient } from '@aws-sdk/client-sfn';
import { dataPlaceProblem } from '../../core/aws/data-places.ts';
import type { PlannedProfile } from '../../core/aws/deployment.ts';
import { isRedriven, isRunningStatus } from '../../core/aws/executions.ts';
import { badInput } from '../../core/base/errors.ts';
import { isStale, type Lock } from '../../core/layout/lock.ts';
import { identifyBucketData } from '../../storage/bucket-data.ts';
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
    profile: (name) => (Object.hasOwn(profiles, name) ? profiles[name]! : null),
    profileNames: Object.keys(profiles),
    identifyData: async (uri) => {
      // Other buckets than its own this function can only list where trials can read.
      const problem = dataPlaceProblem(uri, { store: environment.STORE_URL, dataBuckets: null });
      if (problem !== null) throw badInput('training.data', problem);
      return identifyBucketData(uri);
    },
    isRunning: (lock) => isRunning(stepFunctions, lock),
    note: (sentence) => console.log(sentence),
    now: () => new Date().toISOString(),
  };
}

/** Only executions of this account have ARNs. An owner of another kind (a local run) cannot be asked: its refreshes tell. */
async function isRunning(client: SFNClient, lock: Lock): Promise<boolean> {
  const { execution } = lock;
  if (!execution.startsWith('arn:')) return !isStale(lock, new Date().toISOString());
  return isRunningStatus((await describe(client, execution))?.status);
}

/** Whether an execution, by its ARN, that ended at that time is under way again. */
export async function isExecutionRedriven(client: SFNClient, execution: string, endedAt: Date): Promise<boolean> {
  const described = await describe(client, execution);
  return described !== null && isRedriven(described, endedAt);
}

/** Null: Step Functions forgets executions 90 days after they closed. */
async function describe(client: SFNClient, execution: string): Promise<DescribeExecutionCommandOutput | null> {
  try {
    return await client.send(new DescribeExecutionCommand({ executionArn: execution }));
  } catch (error) {
    if ((error as Error).name === 'ExecutionDoesNotExist') return null;
    throw error;
  }
}
