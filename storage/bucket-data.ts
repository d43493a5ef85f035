import { badInput } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { type DataIdentity, type ListedObject, listingDigest } from '../core/layout/data.ts';
import { uploadedData } from '../core/layout/inputs.ts';
import { readDataIndex } from './data-index.ts';
import { filePathProblem } from './keys.ts';
import { openStore } from './open.ts';

/**
 * The identity of data in a bucket, so that no object is read: what `sweep start` uploaded is known by the digest of
 * the folder it was, anything else by its listing. @throws BadInput, StorageError
 */
export async function identifyBucketData(uri: string): Promise<DataIdentity> {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri);
  if (match === null) {
    throw badInput(
      'training.data',
      `received ${show(uri)}; allowed here: s3://bucket/prefix; start the sweep by the sweep command, which uploads a folder`,
    );
  }
  return (await identifyUpload(uri)) ?? identifyListing(uri, match[1]!, match[2]!);
}

async function identifyUpload(uri: string) {
  const uploaded = uploadedData(uri);
  if (uploaded === null) return null;
  const index = await readDataIndex(await openStore(uploaded.store), uploaded.digest);
  return index === null ? null : { uri, digest: uploaded.digest, files: index.files, bytes: index.bytes };
}

async function identifyListing(uri: string, bucket: string, path: string) {
  const prefix = path.replace(/\/?$/, path === '' ? '' : '/');
  const objects: ListedObject[] = [];
  for await (const { key, size, etag } of (await openStore(`s3://${bucket}`)).list(prefix)) {
    objects.push({ key: key.slice(prefix.length), size, etag });
  }
  if (objects.length === 0)
    throw badInput('training.data', `received ${show(uri)}, but there are no objects; check the bucket and prefix`);
  const flaw = listingFlaw(objects);
  if (flaw !== null)
    throw badInput(
      'training.data',
      `received ${show(uri)}, whose object ${flaw}; trials get the data as files, so rename or move that object`,
    );
  return {
    uri,
    digest: listingDigest(objects),
    files: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
  };
}

/** What keeps a listing from being a folder of files, as what is wrong with one of its keys; null when nothing does. */
export function listingFlaw(objects: readonly Pick<ListedObject, 'key' | 'size'>[]): string | null {
  // The S3 console makes such empty objects to show a folder.
  const keys = objects.flatMap(({ key, size }) => (key === '' || (key.endsWith('/') && size === 0) ? [] : [key]));
  const files = new Set(keys);
  for (const key of keys) {
    const problem = filePathProblem(key);
    if (problem !== null) return `${show(key)} cannot be a file: ${problem}`;
    const parents = key.split('/').slice(0, -1);
    const folder = parents.map((_, index) => parents.slice(0, index + 1).join('/')).find((path) => files.has(path));
    if (folder !== undefined) return `${show(folder)} cannot be a file: ${show(key)} needs a folder of that name`;
  }
  return null;
}
