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
    'Which jobs a dead execution has left behind; Batch knows no resources for reading jobs.',
  ),
  terminatesJobsOf(arns),
  describesExecutions(arns.executions),
];
