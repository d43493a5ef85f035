import {
  BatchClient,
  DescribeJobsCommand,
  type JobDetail,
  type JobSummary,
  type ListJobsCommandInput,
  paginateListJobs,
} from '@aws-sdk/client-batch';
import type { ChildEnd, FailedJob } from '../../core/aws/diagnosis.ts';
import { manifestOfJob } from '../../core/aws/job-manifest.ts';
import { jobNameFilters, partsOfJobName } from '../../core/aws/job-names.ts';

/**
 * The failed jobs of a round, newest first, each with its failed children. Batch's listing of children includes the
 * status reason, the container's reason and the exit code. Batch forgets jobs about 7 days after they end.
 */
export async function* failedJobs(queue: string, sweepId: string, round: number): AsyncGenerator<FailedJob> {
  const client = new BatchClient({});
  try {
    for (const job of await jobsOfRound(client, queue, sweepId, round)) {
      const [detail] = (await client.send(new DescribeJobsCommand({ jobs: [job] }))).jobs ?? [];
      const manifest = detail === undefined ? null : manifestOfJob(detail);
      if (detail === undefined || manifest === null) continue;
      yield { manifest, ends: await endsOf(client, job, detail) };
    }
  } finally {
    client.destroy();
  }
}

async function jobsOfRound(client: BatchClient, queue: string, sweepId: string, round: number): Promise<string[]> {
  const jobs: JobSummary[] = [];
  for await (const job of listed(client, { jobQueue: queue, filters: jobNameFilters(sweepId, round) })) {
    if (job.status === 'FAILED' && partsOfJobName(sweepId, job.jobName ?? '')?.round === round) jobs.push(job);
  }
  return jobs
    .sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))
    .flatMap(({ jobId }) => (jobId === undefined ? [] : [jobId]));
}

async function endsOf(client: BatchClient, jobId: string, detail: JobDetail): Promise<ChildEnd[]> {
  if (detail.arrayProperties?.size === undefined) {
    return [endOf({ ...detail, container: detail.container, index: 0, attempts: detail.attempts?.length ?? null })];
  }
  const ends: ChildEnd[] = [];
  for await (const child of listed(client, { arrayJobId: jobId, jobStatus: 'FAILED' })) {
    ends.push(endOf({ ...child, index: child.arrayProperties?.index ?? 0, attempts: null }));
  }
  return ends;
}

interface JobOutcome {
  readonly index: number;
  readonly attempts: number | null;
  readonly statusReason?: string | undefined;
  readonly container?: { readonly reason?: string | undefined; readonly exitCode?: number | undefined } | undefined;
}

function endOf({ index, attempts, statusReason, container: { reason, exitCode } = {} }: JobOutcome): ChildEnd {
  return {
    index,
    attempts,
    ...(statusReason === undefined ? {} : { statusReason }),
    ...(reason === undefined ? {} : { reason }),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

async function* listed(client: BatchClient, request: ListJobsCommandInput): AsyncGenerator<JobSummary> {
  for await (const { jobSummaryList } of paginateListJobs({ client }, request)) yield* jobSummaryList ?? [];
}
