import {
  anyResource,
  type DeployedArns,
  describesExecutions,
  type Grant,
  terminatesJobsOf,
} from '../../core/aws/grants.ts';

export const releaseGrants = (arns: DeployedArns): Grant[] => [
  anyResource(
    ['batch:ListJobs', 'batch:DescribeJobs'],
    'Finds the jobs that a dead execution left behind; Batch has no resource-level permissions for reading jobs.',
  ),
  terminatesJobsOf(arns),
  describesExecutions(arns.executions),
];
