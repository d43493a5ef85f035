import type { JobDetail } from '@aws-sdk/client-batch';
import { manifestOfJob } from '../../core/aws/job-manifest.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { jobManifest } from '../../objects/manifests.ts';
import type { Stack } from './stack.ts';

/** The trials of a job's children, by their index in its array, as its own manifest has them. */
export async function trialsOfJob(stack: Stack, job: JobDetail): Promise<ManifestTrial[][]> {
  const reference = manifestOfJob(job);
  const manifest = reference === null ? null : jobManifest(stack.objects, reference);
  return manifest === null ? [] : manifest.trialsOf(job.arrayProperties?.size ?? 1);
}
