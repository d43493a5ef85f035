import { join } from 'node:path';
import { digestOf } from '../core/base/digest.ts';
import { type DataRecord, fetchedDataProblem, type ListedObject } from '../core/layout/data.ts';
import { uploadedData } from '../core/layout/inputs.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import { downloadData } from '../storage/data-packs.ts';
import { downloadFolder } from '../storage/folders.ts';
import { openStore } from '../storage/open.ts';
import type { ObjectStore } from '../storage/store.ts';
import { cached } from './cache.ts';

/** The data as a local folder: a local one is used in place, a bucket's is fetched once per machine. Null: no data. */
export async function fetchData(
  store: ObjectStore,
  sweepId: string,
  uri: string,
  cacheFolder: string | null,
  workFolder: string,
): Promise<string | null> {
  if (uri === '') return null;
  const uploaded = uploadedData(uri);
  if (uploaded !== null) {
    const { digest } = uploaded;
    const fetch = async (folder: string) => downloadData(await openStore(uploaded.store), digest, folder);
    return cached(cacheFolder, 'data', digest, join(workFolder, 'data'), fetch, { isSealed: true });
  }
  if (!uri.startsWith('s3://')) return uri;
  const record = await sweepObjects(store, sweepId).definition.data();
  const fetch = (folder: string) => fetchListed(uri, record, folder);
  return cached(cacheFolder, 'data', digestOf([uri, record?.digest ?? null]), join(workFolder, 'data'), fetch, {
    isSealed: true,
  });
}

/** @throws Error with its failureClass if the objects are missing, or not those that the sweep began with */
async function fetchListed(uri: string, record: DataRecord | null, folder: string): Promise<void> {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
  const folderPrefix = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const found: ListedObject[] = [];
  const { files } = await downloadFolder(await openStore(`s3://${bucket}`), folderPrefix, folder, (object) =>
    found.push({ key: object.key.slice(folderPrefix.length), size: object.size, etag: object.etag }),
  );
  const problem =
    files === 0 ? `training.data: there are no objects under ${uri}` : record && fetchedDataProblem(record, found);
  if (problem !== null) throw Object.assign(new Error(problem), { failureClass: 'data-missing' });
}
