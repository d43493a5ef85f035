import { CloudWatchLogsClient, paginateGetLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { queuesOf } from '../../core/aws/deployment.ts';
import { partOfTrial } from '../../core/trial/child-log.ts';
import { clientDefaults } from '../../storage/aws-client.ts';
import { askingAws } from './errors.ts';
import { childrenOf, describeJobs, jobsOf } from './jobs.ts';
import { trialsOfJob } from './shard-trials.ts';
import type { Stack } from './stack.ts';

const CHILD_STATUSES = ['RUNNING', 'STARTING', 'FAILED', 'SUCCEEDED'] as const;

/**
 * What a trial's container printed, as CloudWatch has it: of a trial that still runs, or that left no log of its own.
 * Null when Batch does not know the trial's job any more, or its container has not started.
 */
export async function containerLog(stack: Stack, sweepId: string, trialId: string): Promise<string | null> {
  const jobs = (await jobsOf(stack, sweepId)).reverse();
  const details = await describeJobs(
    stack,
    jobs.map(({ id }) => id),
  );
  for (const job of jobs) {
    const detail = details.find(({ jobId }) => jobId === job.id);
    if (detail === undefined) continue;
    const trials = await trialsOfJob(stack, detail);
    const place = trials.findIndex((ofChild) => ofChild.some(({ id }) => id === trialId));
    if (place < 0) continue;
    const child = trials.length > 1 ? await childAt(stack, job, place) : job.id;
    const text = child === null ? null : await readLog(stack, child);
    return text === null || trials[place]!.length === 1 ? text : partOfTrial(text, trialId);
  }
  return null;
}

async function childAt(stack: Stack, job: Parameters<typeof childrenOf>[1], place: number): Promise<string | null> {
  for (const status of CHILD_STATUSES) {
    const children = await childrenOf(stack, job, status);
    const child = children.find(({ arrayProperties }) => arrayProperties?.index === place);
    if (child?.jobId !== undefined) return child.jobId;
  }
  return null;
}

async function readLog(stack: Stack, jobId: string): Promise<string | null> {
  const [detail] = await describeJobs(stack, [jobId]);
  const stream = detail?.container?.logStreamName;
  const group = Object.values(stack.profiles).find((profile) =>
    queuesOf({ profile }).includes(detail?.jobQueue ?? ''),
  )?.logGroup;
  const logGroupName = detail?.container?.logConfiguration?.options?.['awslogs-group'] ?? group;
  if (stream === undefined || logGroupName === undefined) return null;
  const client = new CloudWatchLogsClient({ ...clientDefaults(), maxAttempts: 6 });
  try {
    return await askingAws(`reading the log ${logGroupName}/${stream}`, async () => {
      const lines: string[] = [];
      const request = { logGroupName, logStreamName: stream, startFromHead: true };
      for await (const page of paginateGetLogEvents({ client, stopOnSameToken: true }, request)) {
        for (const { message } of page.events ?? []) lines.push(message ?? '');
      }
      return lines.length === 0 ? null : `${lines.join('\n')}\n`;
    });
  } finally {
    client.destroy();
  }
}
