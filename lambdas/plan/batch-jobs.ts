import { BatchClient, DescribeJobsCommand, TerminateJobCommand } from '@aws-sdk/client-batch';
import { isEndedStatus, MAX_DESCRIBED } from '../../core/aws/job-names.ts';
import { chunk } from '../../core/search/partitions.ts';

const REASON = 'The trials that this job began are being given to other jobs';

/** Ends jobs, children included. Skips jobs that Batch has forgotten, about 7 days after their end. */
export async function endJobs(jobs: readonly string[]): Promise<void> {
  const client = new BatchClient({});
  try {
    for (const some of chunk(jobs, MAX_DESCRIBED)) {
      const described = await client.send(new DescribeJobsCommand({ jobs: some }));
      for (const { jobId, status } of described.jobs ?? [])
        if (!isEndedStatus(status)) await client.send(new TerminateJobCommand({ jobId, reason: REASON }));
    }
  } finally {
    client.destroy();
  }
}
