import { BatchClient, DescribeJobsCommand, TerminateJobCommand } from '@aws-sdk/client-batch';
import { isEndedStatus, MAX_DESCRIBED } from '../../core/aws/job-names.ts';
import { chunk } from '../../core/search/partitions.ts';

const REASON = 'What this job had begun is handed out anew';

/** Ends jobs, children included. Batch forgets a job about 7 days after its end; such a one is passed over. */
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
