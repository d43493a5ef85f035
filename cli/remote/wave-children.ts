import type { JobDetail } from '@aws-sdk/client-batch';
import { manifestOfJob } from '../../core/aws/job-manifest.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { waveOfJob } from '../../objects/search.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { childrenOf, type ShardJob } from './jobs.ts';
import type { Stack } from './stack.ts';

/** Whether a job is a wave of an asynchronous search, whose children decide what to train as they go. */
export function isWave({ objects }: Stack, job: JobDetail): boolean {
  const reference = manifestOfJob(job);
  return reference !== null && waveOfJob(objects, reference) !== null;
}

/** What the running children of a wave train, and since when, in milliseconds since 1970. */
export async function trainedIn(
  stack: Stack,
  sweepId: string,
  job: ShardJob,
): Promise<{ readonly trial: ManifestTrial; readonly startedAt: number | null }[]> {
  const [children, units] = await Promise.all([
    childrenOf(stack, job, 'RUNNING'),
    sweepObjects(stack.objects, sweepId).search.unfinished(),
  ]);
  const owners = new Set(children.map(({ arrayProperties }) => `${job.id}:${arrayProperties?.index ?? 0}`));
  if (job.status === 'RUNNING') owners.add(job.id);
  return units
    .filter(({ owner }) => owners.has(owner))
    .map(({ trial, since }) => ({ trial, startedAt: Number.isNaN(Date.parse(since)) ? null : Date.parse(since) }));
}
