import {
  anyResource,
  type DeployedArns,
  describesExecutions,
  type Grant,
  listing,
  objects,
  terminatesJobsOf,
  WRITE,
} from '../../core/aws/grants.ts';

export const planGrants = ({
  store,
  dataBuckets,
  executions,
  jobs,
}: Pick<DeployedArns, 'store' | 'dataBuckets' | 'executions' | 'jobs'>): Grant[] => [
  objects(store, ['s3:GetObject'], ['sweeps/*', 'models/*', 'data/*', 'prices/*']),
  objects(store, [...WRITE, 's3:DeleteObject'], ['sweeps/*']),
  // Data in other buckets is identified by its listing.
  ...dataBuckets.map(listing),
  // To find out whether a lock's holder still runs.
  describesExecutions(executions),
  // To end children of an earlier wave that still run: what they began is given to others.
  anyResource(
    ['batch:DescribeJobs'],
    'Finds out which jobs have ended; Batch has no resource-level permissions for reading jobs.',
  ),
  terminatesJobsOf({ executions, jobs }),
];
