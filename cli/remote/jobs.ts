import {
  DescribeJobsCommand,
  type JobDetail,
  type JobStatus,
  type JobSummary,
  type ListJobsCommandInput,
  paginateListJobs,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import type { OpenJob } from '../../core/aws/ahead.ts';
import { type DeployedProfile, queuesOf } from '../../core/aws/deployment.ts';
import { ALL_JOBS, isEndedStatus, jobNameFilters, MAX_DESCRIBED, partsOfJobName } from '../../core/aws/job-names.ts';
import { chunk } from '../../core/search/partitions.ts';
import { askingAws, askingAwsInPages } from './errors.ts';
import type { Stack } from './stack.ts';

/** A Batch job of a sweep: one shard of one round. */
export interface ShardJob {
  readonly id: string;
  readonly round: number;
  readonly shard: number;
  readonly status: string;
  readonly createdAt: number;
  /** Null: it has not started, or, of an array, its children have times of their own. */
  readonly startedAt: number | null;
}

type Asked = Pick<Stack, 'batch'>;

/** Ended jobs cannot be stopped, and have no children that run. */
export const isOver = ({ status }: Pick<ShardJob, 'status'>): boolean => isEndedStatus(status);

/** The sweep's jobs that Batch still knows (about 7 days after their end), in all of the stack's queues. */
export async function jobsOf(stack: Stack, sweepId: string): Promise<ShardJob[]> {
  const found = await Promise.all(queuesOf(stack.profiles).map((queue) => jobsIn(stack, queue, sweepId)));
  return found.flat().sort((a, b) => a.createdAt - b.createdAt);
}

/** What the queues of a profile hold that has not ended, with how many trials are in which status. */
export async function openJobs(stack: Asked, { queue, highPriorityQueue }: DeployedProfile): Promise<OpenJob[]> {
  const queues = [[queue, 'normal'] as const, ...(highPriorityQueue ? [[highPriorityQueue, 'high'] as const] : [])];
  const found = await Promise.all(
    queues.map(async ([jobQueue, priority]) => {
      const listed = await Array.fromAsync(listJobs(stack, { jobQueue, filters: ALL_JOBS }));
      const open = listed.filter(({ status }) => !isEndedStatus(status));
      const details = await describeJobs(
        stack,
        open.flatMap(({ jobId }) => (jobId === undefined ? [] : [jobId])),
      );
      return details.map((job) => ({ name: job.jobName ?? '', priority, statuses: statusCounts(job) }));
    }),
  );
  return found.flat();
}

async function jobsIn(stack: Stack, queue: string, sweepId: string): Promise<ShardJob[]> {
  const jobs: ShardJob[] = [];
  for await (const summary of listJobs(stack, { jobQueue: queue, filters: jobNameFilters(sweepId) })) {
    const parts = partsOfJobName(sweepId, summary.jobName ?? '');
    if (parts === null || summary.jobId === undefined) continue;
    const { jobId: id, status = 'SUBMITTED', createdAt = 0, startedAt = null } = summary;
    jobs.push({ id, ...parts, status, createdAt, startedAt });
  }
  return jobs;
}

async function* listJobs({ batch: client }: Asked, request: ListJobsCommandInput): AsyncGenerator<JobSummary> {
  const pages = paginateListJobs({ client }, request);
  for await (const { jobSummaryList } of askingAwsInPages('listing the jobs', pages)) yield* jobSummaryList ?? [];
}

/** A job's children of one status, by their place in the array; a plain job is its own only child, at 0. */
export async function childrenOf(stack: Stack, job: ShardJob, status: JobStatus): Promise<JobSummary[]> {
  return Array.fromAsync(listJobs(stack, { arrayJobId: job.id, jobStatus: status }));
}

/** How many children of a job there are in each status; a plain job counts as one. */
export function statusCounts(detail: JobDetail): Record<string, number> {
  const summary = detail.arrayProperties?.statusSummary;
  return summary === undefined ? { [detail.status ?? 'SUBMITTED']: 1 } : { ...summary };
}

export async function describeJobs(stack: Asked, ids: readonly string[]): Promise<JobDetail[]> {
  const details: JobDetail[] = [];
  for (const jobs of chunk(ids, MAX_DESCRIBED)) {
    const command = new DescribeJobsCommand({ jobs: [...jobs] });
    const page = await askingAws('asking for the jobs', () => stack.batch.send(command));
    details.push(...(page.jobs ?? []));
  }
  return details;
}

/** Terminates what still runs or waits, children included (CancelJob would pass over those that run); how many jobs. */
export async function terminateJobs(stack: Stack, jobs: readonly ShardJob[]): Promise<number> {
  const open = jobs.filter((job) => !isOver(job));
  await Promise.all(
    open.map(({ id }) =>
      askingAws('terminating a job', () =>
        stack.batch.send(new TerminateJobCommand({ jobId: id, reason: 'Stopped by sweep stop' })),
      ),
    ),
  );
  return open.length;
}
