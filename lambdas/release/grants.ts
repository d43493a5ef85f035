import { EXECUTION_TAG } from '../../core/aws/executions.ts';
import { anyResource, type DeployedArns, describesExecutions, type Grant } from '../../core/aws/grants.ts';

export const releaseGrants = ({ executions, jobs }: DeployedArns): Grant[] => [
  anyResource(
    ['batch:ListJobs', 'batch:DescribeJobs'],
    'Which jobs a dead execution has left behind; Batch knows no resources for reading jobs.',
  ),
  {
    actions: ['batch:TerminateJob'],
    resources: [jobs],
    conditions: { StringLike: { [`aws:ResourceTag/${EXECUTION_TAG}`]: executions } },
    why: 'Batch names a job when it is submitted; the tag says that an execution of this state machine did.',
  },
  describesExecutions(executions),
];
