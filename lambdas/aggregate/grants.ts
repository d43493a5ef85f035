import { anyResource, type DeployedArns, type Grant, objects, WRITE } from '../../core/aws/grants.ts';

export const aggregateGrants = ({ store }: DeployedArns): Grant[] => [
  objects(store, ['s3:GetObject'], ['sweeps/*']),
  objects(store, WRITE, ['sweeps/*/rounds/*']),
  anyResource(
    ['batch:ListJobs', 'batch:DescribeJobs'],
    'Why children that left nothing ended; Batch knows no resources for reading jobs.',
  ),
];
