import { BatchClient, DescribeJobsCommand, paginateListJobs, TerminateJobCommand } from '@aws-sdk/client-batch';
import { isJobOf } from '../../core/aws/executions.ts';
import { ALL_JOBS, isEndedStatus, MAX_DESCRIBED } from '../../core/aws/job-names.ts';
import { chunk } from '../../core/search/partitions.ts';

/**
 * Ends the open jobs of an execution in these queues, children included; how many jobs. One that cannot be ended keeps none
 * of the others. @throws the first refusal, once all the others have been ended
 */
export async function terminateJobsOf(queues: readonly string[], execution: string, name: string | null) {
  const client = new BatchClient({});
  try {
    const open = await openJobs(client, queues);
    let terminated = 0;
    const failures: unknown[] = [];
    for (const jobs of chunk(open, MAX_DESCRIBED)) {
      // Tags are told of single jobs only, not by the list.
      const described = await client.send(new DescribeJobsCommand({ jobs: [...jobs] }));
      for (const job of described.jobs ?? []) {
        if (!isJobOf(execution, name, job)) continue;
        // Of a parent it takes the children too; CancelJob would leave those that start or run.
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

const REASON = 'The execution of this sweep has ended, or has given this job up';

/** By name every status is listed at once: by status, a job that moves on meanwhile might be in none of the lists. */
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
