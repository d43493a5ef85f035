import { type DeployedArns, describesExecutions, type Grant, listing, objects, WRITE } from '../../core/aws/grants.ts';

export const planGrants = ({ store, dataBuckets, executions }: DeployedArns): Grant[] => [
  objects(store, ['s3:GetObject'], ['sweeps/*', 'models/*', 'data/*']),
  objects(store, [...WRITE, 's3:DeleteObject'], ['sweeps/*']),
  // Data in other buckets is known by its listing.
  ...dataBuckets.map(listing),
  // Whether the one that holds a lock still runs.
  describesExecutions(executions),
];
