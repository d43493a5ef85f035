import { BadInput, badInput } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { type DataRecord, type ListedObject, listingDigest } from '../core/layout/data.ts';
import { uploadedData } from '../core/layout/inputs.ts';
import { readDataIndex } from './data-index.ts';
import { isFilePath } from './keys.ts';
import { openStore } from './open.ts';

/**
 * The identity of data in a bucket, so that no object is read: what `sweep start` uploaded is known by the digest of
 * the folder it was, anything else by its listing. @throws BadInput, StorageError
 */
export async function identifyBucketData(uri: string): Promise<Omit<DataRecord, 'champion'>> {
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
  checkKeys(uri, objects);
  return {
    uri,
    digest: listingDigest(objects),
    files: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Trials get the objects as files: what no file can be called is refused here, not by each of them. */
function checkKeys(uri: string, objects: readonly ListedObject[]): void {
  const names = new Set(objects.map(({ key }) => key));
  const isMarker = ({ key, size }: ListedObject) => key === '' || (key.endsWith('/') && size === 0);
  const problems = objects
    .filter((object) => !isMarker(object))
    .flatMap(({ key }) => {
      if (!isFilePath(key)) return [`holds ${show(key)}, which cannot be a file's path; rename the object`];
      const folders = key.split('/').map((_, index, parts) => parts.slice(0, index).join('/'));
      const file = folders.find((folder) => folder !== '' && names.has(folder));
      return file === undefined
        ? []
        : [`holds ${show(file)} and ${show(key)}, which cannot both be files; rename one of them`];
    });
  if (problems.length === 0) return;
  throw new BadInput(problems.slice(0, 5).map((problem) => ({ field: 'training.data', message: `${uri} ${problem}` })));
}
