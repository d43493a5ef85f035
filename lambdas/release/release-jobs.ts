/** What the release handler needs. */
export interface ReleaseServices {
  /** Whether an execution (ARN) that ended at that time is running again. */
  isRedriven(execution: string, endedAt: Date): Promise<boolean>;
  /**
   * Ends the execution's open jobs, children included, and returns their number. `name`: only the job of that name; null:
   * all of them.
   */
  terminateJobs(execution: string, name: string | null): Promise<number>;
}

export interface ReleaseInput {
  readonly execution: string;
  /** The one job that a running execution has given up on; null: the execution itself has ended. */
  readonly job: string | null;
  /** When the execution ended, where `job` is null; milliseconds since 1970. */
  readonly endedAt: number;
}

/**
 * Ends jobs that nothing waits for any more, so nobody pays for them. Idempotent. If an execution was redriven before the
 * message about its end arrived, its new jobs stay.
 */
export async function releaseJobs(services: ReleaseServices, { execution, job, endedAt }: ReleaseInput) {
  if (job === null && (await services.isRedriven(execution, new Date(endedAt)))) return { terminated: 0 };
  return { terminated: await services.terminateJobs(execution, job) };
}
