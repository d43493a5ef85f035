import { DescribeExecutionCommand, type DescribeExecutionCommandOutput, SFNClient } from '@aws-sdk/client-sfn';
import { isRedriven, isRunningStatus } from '../../core/aws/executions.ts';

let client: SFNClient | undefined;

/** Whether an execution (ARN) is still running; null for one that this stack may not ask about, as another stack's. */
export async function isExecutionRunning(execution: string): Promise<boolean | null> {
  try {
    return isRunningStatus((await describe(execution))?.status);
  } catch (error) {
    if ((error as Error).name === 'AccessDeniedException') return null;
    throw error;
  }
}

/** Whether an execution (ARN) that ended at that time is running again. */
export async function isExecutionRedriven(execution: string, endedAt: Date): Promise<boolean> {
  const described = await describe(execution);
  return described !== null && isRedriven(described, endedAt);
}

/** Null if Step Functions has forgotten the execution, 90 days after it closed. */
async function describe(execution: string): Promise<DescribeExecutionCommandOutput | null> {
  client ??= new SFNClient({});
  try {
    return await client.send(new DescribeExecutionCommand({ executionArn: execution }));
  } catch (error) {
    if ((error as Error).name === 'ExecutionDoesNotExist') return null;
    throw error;
  }
}
