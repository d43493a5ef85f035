import { show } from '../base/text.ts';

/** Where the trials of a deployment may read data: what their role allows (stacks/jobs.ts). */
export interface DataPlaces {
  /** s3://bucket, maybe with a prefix, of which trials read what is under data/; null: a bucket that has no name yet. */
  readonly store: string | null;
  /** Further buckets; null: not known here. */
  readonly dataBuckets: readonly string[] | null;
}

const bucketOf = (uri: string): string => uri.split('/')[2] ?? '';

/** Why trials could not read this `training.data`; null when they can, or when it is in no bucket. */
export function dataPlaceProblem(data: string | undefined, { store, dataBuckets }: DataPlaces): string | null {
  if (data === undefined || !data.startsWith('s3://')) return null;
  const bucket = bucketOf(data);
  if (store !== null && bucket === bucketOf(store))
    return data.startsWith(`${store}/data/`) && data.length > `${store}/data/`.length
      ? null
      : `received ${show(data)}; allowed in the bucket of the sweeps: a prefix below ${store}/data/; move the data there, or to another bucket`;
  if (dataBuckets === null || dataBuckets.includes(bucket)) return null;
  // It may be the bucket that an earlier deployment made.
  if (store === null && /^s3:\/\/[^/]+\/data\/./.test(data)) return null;
  const allowed = [
    store === null ? 'data/ in the bucket of the sweeps' : `${store}/data/`,
    ...dataBuckets.map((name) => `s3://${name}`),
  ];
  return `received ${show(data)}; trials may read ${allowed.join(', ')}; add ${show(bucket)} to "dataBuckets" in cdk.json and deploy, or copy the data`;
}
