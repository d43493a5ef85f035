import { type FileList, fileListSchema } from '../core/layout/file-changes.ts';
import { dataListKey, sourceListKey } from '../core/layout/inputs.ts';
import type { FolderIdentity } from '../storage/folder-digest.ts';
import { jsonText, readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

export type { FileList };

/** A list of more files would cost more than it tells. */
const MAX_LISTED = 100_000;

/** Keeps which files data consists of, so that a later sweep on other data can say which differ. */
export async function storeDataList(store: ObjectStore, { digest, entries }: FolderIdentity): Promise<void> {
  if (entries.length > MAX_LISTED) return;
  const files = entries.map(({ name, digest: content }) => ({ name, digest: content }));
  await store.putIfAbsent(dataListKey(digest), jsonText({ files }));
}

/** The files of a snapshot, by its key, or of data, by its digest; null where no list was kept, or it is damaged. */
export async function readFileList(
  store: ObjectStore,
  inputs: { readonly source: string } | { readonly data: string },
): Promise<FileList | null> {
  const key = 'source' in inputs ? sourceListKey(inputs.source) : dataListKey(inputs.data);
  return key === null ? null : readJson(store, key, fileListSchema).catch(() => null);
}
