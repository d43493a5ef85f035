import { anyResource, type DeployedArns, type Grant, objects, WRITE } from '../../core/aws/grants.ts';

export const aggregateGrants = ({ store }: DeployedArns): Grant[] => [
  objects(store, ['s3:GetObject'], ['sweeps/*']),
  objects(store, WRITE, ['sweeps/*/rounds/*']),
  anyResource(
    ['batch:ListJobs', 'batch:DescribeJobs'],
    'Finds out why children without a result ended; Batch has no resource-level permissions for reading jobs.',
  ),
];
