/**
 * Where source snapshots and uploaded data lie: named by their content, and shared by all sweeps of a store. A snapshot
 * has two digests: of the files that count for what a trial is (source-files.ts), and of all that travel.
 */
export const sourceKey = ({ counted, content }: { readonly counted: string; readonly content: string }): string =>
  `sources/${counted === content ? content : `${counted}-${content}`}.tgz`;

const SOURCE_KEY = /^sources\/(([0-9a-f]{64})(?:-[0-9a-f]{64})?)\.tgz$/;

/** What names the content of a snapshot, off its key; null for a `training.source` that is none, such as a folder. */
export const sourceContent = (source: string): string | null => SOURCE_KEY.exec(source)?.[1] ?? null;

/** What of a snapshot's key decides ids: the same for two that differ only in files that do not count. */
export function countedSource(source: string): string {
  const [, , counted] = SOURCE_KEY.exec(source) ?? [];
  return counted === undefined ? source : `sources/${counted}.tgz`;
}

/** The names and digests of a snapshot's files, beside it; null for what is no snapshot. */
export function sourceListKey(source: string): string | null {
  const content = sourceContent(source);
  return content === null ? null : `sources/${content}.json`;
}

/** Data that was uploaded, by its folder's digest; packs.ts says what lies beside. */
export const dataFolder = (digest: string): string => `data/${digest}`;
export const dataIndexKey = (digest: string): string => `${dataFolder(digest)}/index.json`;
/** The names and digests of a data folder's files. */
export const dataListKey = (digest: string): string => `${dataFolder(digest)}/files.json`;

/** The address of `training.data`: what `sweep start` uploaded stands in the spec by its key, `data/<digest>`. */
export function dataAddress(storeUrl: string, data: string): string {
  return /^data\/[0-9a-f]{64}$/.test(data) ? `${storeUrl}/${data}` : data;
}

/** Store and digest of data that `sweep start` uploaded, read off its address; null for any other. */
export function uploadedData(uri: string): { readonly store: string; readonly digest: string } | null {
  const [, store, digest] = /^((?:s3|file):\/\/.+)\/data\/([0-9a-f]{64})\/?$/.exec(uri) ?? [];
  return store === undefined || digest === undefined ? null : { store, digest };
}
