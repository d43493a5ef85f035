import { dataPlaceProblem } from '../../core/aws/data-places.ts';
import type { PlannedProfile } from '../../core/aws/deployment.ts';
import { badInput } from '../../core/base/errors.ts';
import { isStale } from '../../core/layout/lock.ts';
import { identifyBucketData } from '../../storage/bucket-data.ts';
import { S3Store } from '../../storage/s3.ts';
import type { Services } from './services.ts';

export interface AwsEnvironment {
  readonly STORE_URL: string;
  readonly PROFILES?: Readonly<Record<string, PlannedProfile>>;
}

export function awsServices(environment: AwsEnvironment): Services {
  const profiles = environment.PROFILES ?? {};
  return {
    store: new S3Store(environment.STORE_URL),
    profile: (name) => (Object.hasOwn(profiles, name) ? profiles[name]! : null),
    profileNames: Object.keys(profiles),
    identifyData: async (uri) => {
      // This function can list other buckets only if trials can read them.
      const problem = dataPlaceProblem(uri, { store: environment.STORE_URL, dataBuckets: null });
      if (problem !== null) throw badInput('training.data', problem);
      return identifyBucketData(uri);
    },
    // Only executions of this account have ARNs. Another kind of owner, a local run, is known only by its refreshes.
    isRunning: async (lock) => {
      if (!lock.execution.startsWith('arn:')) return !isStale(lock, new Date().toISOString());
      // Only for a lock that someone else holds, so few cold starts load the client.
      const { isExecutionRunning } = await import('./executions.ts');
      return isExecutionRunning(lock.execution);
    },
    note: (sentence) => console.log(sentence),
    now: () => new Date().toISOString(),
  };
}
