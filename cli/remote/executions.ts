import {
  DescribeExecutionCommand,
  paginateListExecutions,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isExecutionOf, isNamedAfter, isRunningStatus } from '../../core/aws/executions.ts';
import { SweepLocked } from '../../core/base/errors.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { askingAws, askingAwsInPages } from './errors.ts';
import type { Stack } from './stack.ts';

/** An execution of the state machine, as far as a person asks for it. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';
  readonly startedAt: Date | null;
  readonly input: string | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
}

export const runs = ({ status }: Pick<Execution, 'status'>): boolean => isRunningStatus(status);

export async function startExecution(stack: Stack, name: string, input: unknown): Promise<string> {
  const request = new StartExecutionCommand({
    stateMachineArn: stack.stateMachine,
    name,
    input: JSON.stringify(input),
  });
  return askingAws(
    'starting the execution',
    async () => (await stack.stepFunctions.send(request)).executionArn as string,
  );
}

/**
 * Null when Step Functions does not know it (any more): it forgets an execution 90 days after its end. Null, too, for one of
 * another stack that this person may not ask about.
 */
export async function describeExecution(stack: Stack, arn: string): Promise<Execution | null> {
  const found = await askedExecution(stack, arn);
  return found === 'denied' ? null : found;
}

/** Whether an execution that holds a lock still runs; true when nobody can tell. */
export async function mayRun(stack: Stack, arn: string): Promise<boolean> {
  const found = await askedExecution(stack, arn);
  return found === 'denied' || (found !== null && runs(found));
}

/** @returns `denied` for one of another stack that this person may not ask about */
async function askedExecution(stack: Stack, arn: string): Promise<Execution | 'denied' | null> {
  if (!arn.startsWith('arn:')) return null;
  try {
    const found = await stack.stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }));
    return {
      arn,
      name: found.name ?? arn.split(':').at(-1)!,
      status: found.status as Execution['status'],
      startedAt: found.startDate ?? null,
      input: found.input ?? null,
      output: found.output ?? null,
      error: found.error ?? null,
      cause: found.cause ?? null,
    };
  } catch (error) {
    const { name } = error as Error;
    if (name === 'ExecutionDoesNotExist') return null;
    if (name === 'AccessDeniedException' && !isExecutionOf(stack.stateMachine, arn)) return 'denied';
    throw await askingAws(`asking for the execution ${arn}`, () => Promise.reject(error)).catch((problem) => problem);
  }
}

/** Stops it; whether it was running. */
export async function stopExecution(stack: Stack, arn: string): Promise<boolean> {
  const execution = await describeExecution(stack, arn);
  if (execution === null || !runs(execution)) return false;
  await askingAws('stopping the execution', () =>
    stack.stepFunctions.send(
      new StopExecutionCommand({ executionArn: arn, error: 'Stopped', cause: 'Stopped by sweep stop' }),
    ),
  );
  return true;
}

/**
 * The latest execution of a sweep: the lock's owner, else the one that wrote its run metadata, else one named after
 * the sweep (it failed before its first round, or has only just begun).
 */
export async function executionOfSweep(stack: Stack, sweepId: string): Promise<Execution | null> {
  const objects = sweepObjects(stack.objects, sweepId);
  const [lock, metadata, named] = await Promise.all([
    objects.lock.read(),
    objects.outcome.metadata(),
    namedAfter(stack, sweepId),
  ]);
  const candidates = [lock?.execution, metadata?.execution, named].filter((arn) => arn !== undefined);
  const found = await Promise.all(candidates.map((arn) => describeExecution(stack, arn)));
  const known = found.filter((execution) => execution !== null);
  return (
    known.find(runs) ?? known.sort((a, b) => (b.startedAt?.getTime() ?? 0) - (a.startedAt?.getTime() ?? 0))[0] ?? null
  );
}

/** The first Lambda would refuse it as well; known from here, nothing is uploaded and no execution fails. @throws SweepLocked */
export async function refuseRunningOnAws(stack: Stack, sweepId: string): Promise<void> {
  const objects = sweepObjects(stack.objects, sweepId);
  const lock = await objects.lock.read();
  if (lock === null) return;
  const execution = await askedExecution(stack, lock.execution);
  if (execution === 'denied') throw objects.lock.unasked(lock);
  if (execution === null || !runs(execution)) return;
  throw new SweepLocked(
    `the sweep ${sweepId} is running (execution ${execution.name}); sweep watch ${sweepId} follows it, sweep stop ${sweepId} ends it`,
  );
}

/** Executions looked at: the latest ones, which is where a sweep that a person asks for is. */
const PAGES = 5;

async function namedAfter(stack: Stack, sweepId: string): Promise<string | undefined> {
  const paging = { client: stack.stepFunctions, pageSize: 1000 };
  const pages = paginateListExecutions(paging, { stateMachineArn: stack.stateMachine });
  let looked = 0;
  for await (const { executions } of askingAwsInPages('listing the executions', pages)) {
    const named = executions?.find(({ name }) => isNamedAfter(sweepId, name ?? ''));
    looked += 1;
    if (named !== undefined || looked === PAGES) return named?.executionArn;
  }
  return undefined;
}

const CONSOLES: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** Where a person sees it: the consoles of China and GovCloud have addresses of their own. */
export function consoleLink(region: string, arn: string): string {
  const console = CONSOLES[arn.split(':')[1]!] ?? 'console.aws.amazon.com';
  return `https://${region}.${console}/states/home?region=${region}#/v2/executions/details/${arn}`;
}
