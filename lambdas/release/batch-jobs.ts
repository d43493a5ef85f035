import { BatchClient, DescribeJobsCommand, paginateListJobs, TerminateJobCommand } from '@aws-sdk/client-batch';
import { isJobOf } from '../../core/aws/executions.ts';
import { ALL_JOBS, isEndedStatus, MAX_DESCRIBED } from '../../core/aws/job-names.ts';
import { chunk } from '../../core/search/partitions.ts';

/**
 * Ends an execution's open jobs in these queues, children included, and returns their number. A job that cannot be ended
 * does not spare the others. @throws the first refusal, once all the others have been ended
 */
export async function terminateJobsOf(queues: readonly string[], execution: string, name: string | null) {
  const client = new BatchClient({});
  try {
    const open = await openJobs(client, queues);
    let terminated = 0;
    const failures: unknown[] = [];
    for (const jobs of chunk(open, MAX_DESCRIBED)) {
      // Only describing a job returns its tags; listing does not.
      const described = await client.send(new DescribeJobsCommand({ jobs: [...jobs] }));
      for (const job of described.jobs ?? []) {
        if (!isJobOf(execution, name, job)) continue;
        // Ends a parent's children too. CancelJob would leave those that are starting or running.
        try {
          await client.send(new TerminateJobCommand({ jobId: job.jobId, reason: REASON }));
          terminated += 1;
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw failures[0];
    return terminated;
  } finally {
    client.destroy();
  }
}

const REASON = 'The execution of this sweep has ended, or has given up on this job';

/** Lists by name, which includes every status. Listing by status could miss a job whose status changes meanwhile. */
async function openJobs(client: BatchClient, queues: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const jobQueue of queues) {
    for await (const { jobSummaryList } of paginateListJobs({ client }, { jobQueue, filters: ALL_JOBS })) {
      for (const { jobId, status } of jobSummaryList ?? []) {
        if (jobId !== undefined && !isEndedStatus(status)) found.push(jobId);
      }
    }
  }
  return found;
}
