import { uploadedData } from '../core/layout/inputs.ts';
import { BadMetrics } from '../core/trial/bad-metrics.ts';
import { finalMetrics, UPLOADED_METRICS } from '../core/trial/final-metrics.ts';
import { MAX_METRICS_BYTES, withMetric } from '../core/trial/metrics.ts';
import type { MetricsRecord } from '../core/trial/numbering.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { Attempt } from './attempt.ts';
import { type Reported, readMetrics, reportedAfter } from './monitor.ts';
import { persistently } from './parcel.ts';

/** For programs that read their data from S3 and write to it themselves, with the credentials that they find. */

type Who = Pick<Attempt, 'run' | 'sweepId' | 'trial' | 'name'>;

const objectsOf = ({ run, sweepId, trial, name }: Who) =>
  sweepObjects(run.store, sweepId).attempts.ofTrial(trial.id, name);

/**
 * S3_DATA_PATH where the data is in S3 as its owner put it there (what `sweep start` uploads is packed), S3_OUTPUT_PATH
 * where the store is a bucket: the attempt's own model folder, without a slash at the end. And AWS_BATCH_JOB_ID, here as
 * on AWS.
 */
export function s3Variables(attempt: Who): Record<string, string> {
  const { environment, inherited } = attempt.run;
  const data = environment['S3_DATA_PATH'] ?? '';
  const output = objectsOf(attempt).modelAddress;
  const job = environment['AWS_BATCH_JOB_ID'];
  // boto3 reads no AWS_REGION.
  const region = inherited['AWS_DEFAULT_REGION'] === undefined ? inherited['AWS_REGION'] : undefined;
  return {
    ...(data.startsWith('s3://') && uploadedData(data) === null ? { S3_DATA_PATH: data } : {}),
    ...(output.startsWith('s3://') ? { S3_OUTPUT_PATH: output } : {}),
    ...(job === undefined ? {} : { AWS_BATCH_JOB_ID: job }),
    ...(region === undefined ? {} : { AWS_DEFAULT_REGION: region }),
  };
}

/** What a program reported and uploaded in all. */
export interface AllReported extends Reported {
  /** Files of its model that it put under S3_OUTPUT_PATH itself; a metrics.json alone is none. */
  readonly uploads: number;
}

/**
 * As `readMetrics`, of a program that has ended; its own metrics.json counts where it reported nothing in any other way.
 * @param before the metrics lines that came with the checkpoint
 * @throws BadMetrics, and StorageError when the store cannot be read
 */
export async function readAllReported(attempt: Attempt, before: string): Promise<AllReported> {
  const [reported, uploads] = await Promise.all([readMetrics(attempt, before, true), takeUploads(attempt)]);
  const { files, metrics } = uploads;
  if (reported.since.length > 0 || reported.file !== null || metrics === null) return { ...reported, uploads: files };
  const since = withMetric(metrics.records, attempt.spec.objective.metric);
  return { ...reportedAfter(attempt, before, since), since, file: metrics.file, uploads: files };
}

interface Uploads {
  readonly files: number;
  readonly metrics: { readonly records: readonly MetricsRecord[]; readonly file: string } | null;
}

async function takeUploads(attempt: Attempt): Promise<Uploads> {
  const { run, spec, trial } = attempt;
  // Neither a folder nor the built-in trainer, which knows nothing of S3.
  if (!run.store.url.startsWith('s3://') || spec.training.command === undefined) return { files: 0, metrics: null };
  const objects = objectsOf(attempt);
  const stored = <T>(work: () => Promise<T>) => persistently(work, run.signal, run.storePauses);
  const found = await stored(() => objects.takeUploads());
  const [newest] = found
    .filter(({ name }) => name.split('/').at(-1) === UPLOADED_METRICS)
    .sort((a, b) => b.modified - a.modified);
  if (newest === undefined) return { files: found.length, metrics: null };
  const file = `${newest.name} under S3_OUTPUT_PATH`;
  if (newest.size > MAX_METRICS_BYTES)
    throw new BadMetrics(`${file} is larger than 32 MB; write nothing but metrics to that file`);
  const bytes = await stored(() => objects.upload(newest.name));
  const isAlone = found.length === 1;
  if (isAlone) await stored(() => objects.removeModel());
  const records = bytes === null ? [] : finalMetrics(bytes, trial.epochs);
  return { files: isAlone ? 0 : found.length, metrics: { records, file } };
}
