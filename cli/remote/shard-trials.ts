import type { JobDetail } from '@aws-sdk/client-batch';
import { type ManifestTrial, manifestReference, parseManifestReference } from '../../core/trial/manifest.ts';
import { readManifestLines } from '../../objects/sweep.ts';
import type { Stack } from './stack.ts';

/** The trials of a job, by their place in its array, as its own manifest has them. */
export async function trialsOfJob(stack: Stack, job: JobDetail): Promise<ManifestTrial[]> {
  const reference = job.container?.environment?.find(({ name }) => name === 'SWEEP_MANIFEST')?.value;
  if (reference === undefined) return [];
  const { url, width } = parseManifestReference(reference);
  const prefix = `${stack.objects.url}/`;
  if (!url.startsWith(prefix)) return [];
  const key = manifestReference(url.slice(prefix.length), width);
  return readManifestLines(stack.objects, key, 0, job.arrayProperties?.size ?? 1);
}
