/** Where source snapshots and uploaded data lie: named by their content, and shared by all sweeps of a store. */
export const sourceKey = (digest: string): string => `sources/${digest}.tgz`;

/** The digest in the key of a snapshot; null for a `training.source` that is none, such as a folder. */
export const sourceDigest = (source: string): string | null =>
  /^sources\/([0-9a-f]{64})\.tgz$/.exec(source)?.[1] ?? null;

/** Data that was uploaded, by its folder's digest; packs.ts says what lies beside. */
export const dataFolder = (digest: string): string => `data/${digest}`;
export const dataIndexKey = (digest: string): string => `${dataFolder(digest)}/index.json`;

/** The address of `training.data`: what `sweep start` uploaded stands in the spec by its key, `data/<digest>`. */
export function dataAddress(storeUrl: string, data: string): string {
  return /^data\/[0-9a-f]{64}$/.test(data) ? `${storeUrl}/${data}` : data;
}

/** Store and digest of data that `sweep start` uploaded, read off its address; null for any other. */
export function uploadedData(uri: string): { readonly store: string; readonly digest: string } | null {
  const [, store, digest] = /^((?:s3|file):\/\/.+)\/data\/([0-9a-f]{64})\/?$/.exec(uri) ?? [];
  return store === undefined || digest === undefined ? null : { store, digest };
}
