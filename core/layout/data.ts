import * as z from 'zod';
import { digestOf } from '../base/digest.ts';
import { jsonSchema } from '../base/json.ts';

/** `data.json`: what the sweep's data was when its first round was planned. Its digest is part of every trial's id. */
export const dataRecordSchema = z.object({
  /** As in the resolved spec: a folder, or s3://bucket/prefix; null when the sweep has no data. */
  uri: z.string().nullable(),
  /** SHA-256; of a folder's files and contents, or of a bucket's listing; null when the sweep has no data. */
  digest: z.string().nullable(),
  files: z.int().min(0),
  bytes: z.number().min(0),
  /** The champion's parameters of a sweep on other data, tried first; null when there is none. */
  champion: z.record(z.string(), jsonSchema).nullable(),
  /** Of the experiment and of warm-start.json, by which spec.json and that are made again; earlier releases wrote none. */
  experiment: z.string().optional(),
  warmStart: z.string().optional(),
});

export type DataRecord = z.output<typeof dataRecordSchema>;

/** Data as it is found, before a sweep begins with it. */
export type DataIdentity = Pick<DataRecord, 'uri' | 'digest' | 'files' | 'bytes'>;

export interface ListedObject {
  /** Relative to the prefix. */
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

/** The identity of data in a bucket: its listing. Order does not matter. */
export function listingDigest(objects: readonly ListedObject[]): string {
  const sorted = [...objects].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return digestOf(sorted.map(({ key, size, etag }) => [key, size, etag]));
}

/**
 * Why a machine may not use what it found in a bucket for a sweep: other trials had other data. Null when it is what the sweep
 * began with, or when that is not known.
 */
export function fetchedDataProblem(
  { uri, digest }: Pick<DataRecord, 'uri' | 'digest'>,
  found: readonly ListedObject[],
): string | null {
  if (digest === null || listingDigest(found) === digest) return null;
  return `training.data: the objects under ${uri} have changed since the sweep was started; restore them, or start a sweep with another sweepId on the new data`;
}
