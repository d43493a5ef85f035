import { type DeployedArns, type Grant, listing, objects, WRITE } from '../../core/aws/grants.ts';

export const planGrants = ({ store, dataBuckets, executions }: DeployedArns): Grant[] => [
  objects(store, ['s3:GetObject'], ['sweeps/*', 'models/*', 'data/*']),
  objects(store, [...WRITE, 's3:DeleteObject'], ['sweeps/*']),
  // Data in other buckets is known by its listing.
  ...dataBuckets.map(listing),
  {
    actions: ['states:DescribeExecution'],
    resources: [executions],
    why: 'Whether the execution that holds a lock still runs: any execution of the one state machine.',
  },
];
