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
  // Data in other buckets is known by its listing.
  ...dataBuckets.map(listing),
  // Whether the one that holds a lock still runs.
  describesExecutions(executions),
  // Children of an earlier wave that still work: what they began is handed out anew.
  anyResource(['batch:DescribeJobs'], 'Which jobs have ended; Batch knows no resources for reading jobs.'),
  terminatesJobsOf({ executions, jobs }),
];
