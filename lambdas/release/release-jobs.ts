/** What the release handler needs. */
export interface ReleaseServices {
  /** Whether an execution, by its ARN, that ended at that time is under way again. */
  isRedriven(execution: string, endedAt: Date): Promise<boolean>;
  /**
   * Ends the jobs, children included, that the execution submitted and that have not ended; `name`: only the job of that
   * name, null: all of them. How many there were.
   */
  terminateJobs(execution: string, name: string | null): Promise<number>;
}

export interface ReleaseInput {
  readonly execution: string;
  /** The one job that the running execution has given up; null: the execution itself has ended. */
  readonly job: string | null;
  /** When the execution ended, where `job` is null; milliseconds since 1970. */
  readonly endedAt: number;
}

/**
 * Ends what nobody waits for any more, so that nobody pays for it. Idempotent. An execution that was redriven before the
 * message of its end arrived has jobs again that somebody waits for: those stay.
 */
export async function releaseJobs(services: ReleaseServices, { execution, job, endedAt }: ReleaseInput) {
  if (job === null && (await services.isRedriven(execution, new Date(endedAt)))) return { terminated: 0 };
  return { terminated: await services.terminateJobs(execution, job) };
}
