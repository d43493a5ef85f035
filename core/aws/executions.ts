/** Whether an execution of this status has not ended: one that waits for its redrive goes on by itself. */
export const isRunningStatus = (status: string | undefined): boolean =>
  status === 'RUNNING' || status === 'PENDING_REDRIVE';

/** An execution as its description tells of it. */
interface DescribedExecution {
  readonly status?: string | undefined;
  readonly redriveDate?: Date | undefined;
}

/**
 * Whether an execution that ended at `endedAt` is under way again. A status that says so is not enough: DescribeExecution
 * may answer from before the end. Redrives are dated in seconds by some clients, so the second of the end counts as a whole.
 */
export function isRedriven({ status, redriveDate }: DescribedExecution, endedAt: Date): boolean {
  if (!isRunningStatus(status) || redriveDate === undefined) return false;
  return Math.floor(redriveDate.getTime() / 1000) >= Math.floor(endedAt.getTime() / 1000);
}

/**
 * Each job of a sweep has a tag of this name with the ARN of the execution that submitted it: at most 232 characters, of
 * the 256 that a tag holds.
 */
export const EXECUTION_TAG = 'sweepstack:execution';

/** A Batch job as its description tells of it. */
interface TaggedJob {
  readonly jobName?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Whether this execution submitted the job; `name`: the one job that is meant, null: any. */
export function isJobOf(execution: string, name: string | null, job: TaggedJob): boolean {
  return job.tags?.[EXECUTION_TAG] === execution && (name === null || job.jobName === name);
}

/** As an event's wildcard: the output of an execution that was paused (SweepPaused in sweep.asl.json), and of no other. */
export const PAUSED_OUTPUT = '*"sweep resume *';

/** An execution's name is used once in 90 days; 80 characters at most. `now`: a sweep's every start gets another. */
export function executionName(sweepId: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]|\..*/g, '');
  return `${sweepId.slice(0, 80 - time.length - 1)}-${time}`;
}

/** Whether an execution is called as `executionName` calls one of this sweep, or after the sweep itself. */
export function isNamedAfter(sweepId: string, name: string): boolean {
  return name === sweepId || (name.startsWith(sweepId) && /^-\d{8}T\d{6}Z?$/.test(name.slice(sweepId.length)));
}

/** Whether an execution is of a state machine, both by their ARNs. A bucket may outlive the stack whose executions its objects name. */
export const isExecutionOf = (stateMachine: string, execution: string): boolean =>
  execution.startsWith(`${stateMachine.replace(':stateMachine:', ':execution:')}:`);
